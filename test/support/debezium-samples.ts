import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An event as it lay in the topic: key and value are raw text, since their integers may exceed 2^53. */
export interface SampleEvent {
  readonly topic: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly key: string | null;
  readonly value: string | null;
}

export interface Sample {
  readonly config: string;
  readonly sql: string;
  readonly events: readonly SampleEvent[];
}

/** The folder of recorded events, from MILLRACE_ENGINES; undefined when it is not set. */
export function samplesFolder(): string | undefined {
  const engines = process.env['MILLRACE_ENGINES'];
  return engines === undefined || engines === '' ? undefined : join(engines, 'debezium-samples');
}

/** Read a sample line by line, so that keys and values keep their bytes. Embedded schemas are taken off. */
export function readSample(folder: string, name: string): Sample {
  const lines = readFileSync(join(folder, `${name}.json`), 'utf8').split('\n');
  const field = (line: string, label: string): string | undefined => {
    const start = `"${label}": `;
    const at = line.trimStart();
    return at.startsWith(start) ? at.slice(start.length).replace(/,$/, '') : undefined;
  };
  const events: SampleEvent[] = [];
  let head = { config: '', sql: '' };
  let topic = '';
  let headers = {};
  let key: string | null = null;
  for (const line of lines) {
    const config = field(line, 'config');
    const sql = field(line, 'sql');
    const topicLine = /^\s*\{"topic": "([^"]+)",$/.exec(line)?.[1];
    const headersLine = field(line, 'headers');
    const keyLine = field(line, 'key');
    const valueLine = field(line, 'value');
    if (config !== undefined) head = { ...head, config: JSON.parse(config) };
    if (sql !== undefined) head = { ...head, sql: JSON.parse(sql) };
    if (topicLine !== undefined) topic = topicLine;
    if (headersLine !== undefined) headers = JSON.parse(headersLine);
    if (keyLine !== undefined) key = payload(keyLine);
    if (valueLine !== undefined) events.push({ topic, headers, key, value: payload(valueLine.slice(0, -1)) });
  }
  return { ...head, events };
}

function payload(raw: string): string | null {
  if (raw === 'null') return null;
  const at = raw.startsWith('{"schema":') ? raw.indexOf(',"payload":') : -1;
  return at < 0 ? raw : raw.slice(at + ',"payload":'.length, -1);
}

/** Blank what differs from run to run: times, positions, transaction ids and the version. */
export function mask(text: string | null): string | null {
  if (text === null) return null;
  return text
    .replace(/"(ts_ms|ts_us|ts_ns|lsn|txId)":\d+/g, '"$1":#')
    .replace(/"sequence":"\[.*?\]"/g, '"sequence":#')
    .replace(/"version":"[^"]*"/g, '"version":#')
    .replace(/"id":"\d+:\d+"/g, '"id":#');
}
