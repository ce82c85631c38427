import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { APIS, decodeRequest, encodeRequest } from '../../../src/kafka/messages/mod.ts';
import { Reader, readRequestHeader, Writer, writeRequestHeader } from '../../../src/kafka/protocol/mod.ts';

/** Requests as Kafka 4.3's Java clients and librdkafka 2.0 sent them: `client API version bytes`. */
const file = fileURLToPath(new URL('../../fixtures/kafka/clients.tsv', import.meta.url));
const requests = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map(line => {
    const [client, api, version, hex] = line.split('\t') as [string, string, string, string];
    const { name } = APIS.get(Number(api))!;
    return { client, name, version: Number(version), hex };
  });

test.each(requests)(
  '$name of version $version by $client is read and written again to the last bit',
  asked => {
    const reader = new Reader(new Uint8Array(Buffer.from(asked.hex, 'hex')));
    const header = readRequestHeader(reader, key => APIS.get(key));
    const api = APIS.get(header.apiKey)!;
    const request = decodeRequest(api, header.apiVersion, reader);
    expect([api.name, header.apiVersion, reader.remaining]).toEqual([asked.name, asked.version, 0]);
    const writer = new Writer();
    writeRequestHeader(writer, api, header);
    encodeRequest(api, header.apiVersion, request as never, writer);
    expect(Buffer.from(writer.finishWhole()).toString('hex')).toBe(asked.hex);
  },
);
