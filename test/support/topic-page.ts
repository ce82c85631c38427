import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import type { Millrace } from './millrace.ts';

/** Topics with records, so that the console has something to show. */
export async function seedTopics(millrace: Millrace): Promise<void> {
  await millrace.post('/api/topics', { name: 'orders', partitions: 3 });
  await millrace.post('/api/topics', { name: 'courier_features', config: { 'cleanup.policy': 'compact' } });
  await millrace.post('/api/topics', { name: 'quiet', partitions: 2 });
  const cities = ['Tunis', 'Sfax', 'Sousse'];
  const lines = Array.from({ length: 300 }, (_, i) => ({
    key: `order-${i}`,
    value: { order_id: i, city: cities[i % 3], items: [{ sku: `A${i % 7}`, quantity: 1 }] },
    partition: i % 3,
    timestamp: Date.UTC(2026, 0, 1) + i * 60_000,
    headers: { trace: `trace-${i}` },
  }));
  await append(millrace, 'orders', lines);
  await append(millrace, 'courier_features', [
    { key: 'c1', value: 'x'.repeat(20_000) },
    { key: 'c2', value: null },
    { key: 'c3', value_base64: '/wABAg==' },
  ]);
}

/** Appends records, each as the API takes it. */
export async function append(millrace: Millrace, topic: string, records: readonly object[]): Promise<void> {
  const response = await fetch(`${millrace.url}/api/topics/${topic}/records`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: records.map(record => JSON.stringify(record)).join('\n'),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
}

/** Where Kafka's clients reach it. */
export async function bootstrapOf(millrace: Millrace): Promise<string> {
  const { brokers } = await millrace.get<{ brokers: readonly { host: string; port: number }[] }>(
    '/api/cluster',
  );
  return `${brokers[0]!.host}:${brokers[0]!.port}`;
}

export const hasKcat = spawnSync('kcat', ['-V']).status === 0;

/** Appends a batch as clients that compress send it. */
export function appendCompressed(bootstrap: string, topic: string, compression: string, lines: string): void {
  const args = ['-b', bootstrap, '-P', '-t', topic, '-z', compression, '-X', 'linger.ms=200'];
  const { status, stderr } = spawnSync('kcat', args, { input: lines, encoding: 'utf8' });
  if (status !== 0) throw new Error(`kcat: ${stderr}`);
}

/** A member of a consumer group that reads a topic until it is killed. */
export function consumeAsMember(bootstrap: string, group: string, topic: string): ChildProcess {
  const settings = ['-X', 'auto.offset.reset=earliest', '-X', 'auto.commit.interval.ms=200'];
  return spawn('kcat', ['-b', bootstrap, '-G', group, topic, ...settings], { stdio: 'ignore' });
}
