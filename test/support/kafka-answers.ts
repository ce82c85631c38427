import { APIS } from '../../src/kafka/messages/mod.ts';
import type { Wire } from './kafka-wire.ts';

/** A request of an administrator. `ID:topic` stands for the id that the topic got when it was created. */
export interface Asked {
  /** What it shows. */
  readonly title: string;
  readonly api: number;
  readonly version: number;
  readonly request: Record<string, unknown>;
}

/** What a broker answered, with everything blanked that differs from broker to broker and from run to run. */
export interface Answered extends Asked {
  readonly response: unknown;
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Asks for one thing after another and gives the answers in comparable form. */
export async function askAll(wire: Wire, all: readonly Asked[]): Promise<Answered[]> {
  const ids = new Map<string, string>();
  const answers: Answered[] = [];
  for (const asked of all) {
    const api = APIS.get(asked.api)!;
    const request = filled(asked.request, ids) as never;
    const response = await wire.ask(api, asked.version, request);
    learnIds(response, ids);
    answers.push({ ...asked, response: blanked(response, ids, '') });
  }
  return answers;
}

/** Remembers the ids of topics that were created, by their names. */
function learnIds(response: { readonly [name: string]: unknown }, ids: Map<string, string>): void {
  const topics = response['topics'];
  if (!Array.isArray(topics)) return;
  for (const { name, topicId } of topics) {
    if (typeof topicId === 'string' && typeof name === 'string' && /[^A]/.test(topicId))
      ids.set(name, topicId);
  }
}

/** Puts ids and bytes where a request as data names them; `unknown` stands for ids that are not known. */
export function filled(value: unknown, ids: ReadonlyMap<string, string>, unknown?: string): unknown {
  if (typeof value === 'string' && value.startsWith('ID:')) return ids.get(value.slice(3)) ?? unknown;
  if (typeof value === 'string' && value.startsWith('BASE64:')) {
    return new Uint8Array(Buffer.from(value.slice(7), 'base64'));
  }
  if (Array.isArray(value)) return value.map(part => filled(part, ids, unknown));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, filled(part, ids, unknown)]));
}

/** Fields that no two brokers have alike. */
const OWN = new Set(['clusterId', 'host', 'port', 'logDir', 'totalBytes', 'usableBytes', 'lastTimestamp']);

function blanked(value: unknown, ids: ReadonlyMap<string, string>, name: string): Json {
  if (value === null || value === undefined) return null;
  if (OWN.has(name)) return `(${name})`;
  if (value instanceof Uint8Array) return `BASE64:${Buffer.from(value).toString('base64')}`;
  if (Array.isArray(value)) return value.map(part => blanked(part, ids, ''));
  if (typeof value === 'object') {
    const parts = Object.entries(value).map(([part, inner]) => [part, blanked(inner, ids, part)]);
    return Object.fromEntries(parts) as Json;
  }
  if (typeof value !== 'string') return value as Json;
  let text = value;
  for (const [topic, id] of ids) text = text.replaceAll(id, `ID:${topic}`);
  return text;
}
