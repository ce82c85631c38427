import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';

/** A field as Kafka's own definitions write it. */
export interface DefinedField {
  readonly name: string;
  readonly type: string;
  readonly versions: string;
  readonly nullableVersions?: string;
  readonly taggedVersions?: string;
  readonly tag?: number;
  readonly default?: unknown;
  readonly ignorable?: boolean;
  readonly fields?: readonly DefinedField[];
}

/** A request or response as Kafka's own definitions write it. */
export interface DefinedMessage {
  readonly apiKey: number;
  readonly validVersions: string;
  readonly flexibleVersions: string;
  readonly latestVersionUnstable?: boolean;
  readonly fields: readonly DefinedField[];
  readonly commonStructs?: readonly { readonly name: string; readonly fields: readonly DefinedField[] }[];
}

/** The `kafka-clients` jar of the engines folder; undefined where MILLRACE_ENGINES is not set or it is not there. */
export function clientsJar(): string | undefined {
  if (!process.env['MILLRACE_ENGINES']) return undefined;
  const home = process.env['ENGINES_HOME'] ?? join(homedir(), '.cache/engines');
  const jar = join(home, 'kafka-4.3.1/kafka-clients-4.3.1.jar');
  return existsSync(jar) ? jar : undefined;
}

/** The definitions in the jar, by names such as `FetchRequest`. */
export function definitionsIn(jar: string): Map<string, DefinedMessage> {
  const found = new Map<string, DefinedMessage>();
  for (const [name, text] of textsIn(jar, /^common\/message\/.*\.json$/)) {
    const withoutComments = text.replace(/^\s*\/\/.*$/gm, '');
    found.set(name.slice('common/message/'.length, -'.json'.length), JSON.parse(withoutComments));
  }
  return found;
}

/** The files of a zip archive whose names fit, by its central directory. */
function* textsIn(archive: string, wanted: RegExp): Generator<[string, string]> {
  const data = readFileSync(archive);
  const end = data.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  let at = data.readUInt32LE(end + 16);
  for (let n = data.readUInt16LE(end + 10); n > 0; n--) {
    const [nameLength, extra, comment] = [28, 30, 32].map(offset => data.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ];
    const name = data.toString('utf8', at + 46, at + 46 + nameLength);
    if (wanted.test(name)) {
      const local = data.readUInt32LE(at + 42);
      const start = local + 30 + data.readUInt16LE(local + 26) + data.readUInt16LE(local + 28);
      const packed = data.subarray(start, start + data.readUInt32LE(at + 20));
      yield [name, (data.readUInt16LE(at + 10) === 0 ? packed : inflateRawSync(packed)).toString('utf8')];
    }
    at += 46 + nameLength + extra + comment;
  }
}
