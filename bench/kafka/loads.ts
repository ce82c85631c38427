import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Broker } from './brokers.ts';
import { CONFIG, KCAT, LATENCY_PRODUCER, PRODUCER } from './config.ts';
import { pinned } from './run-pinned.ts';

/** What a workload measured on one broker. */
export interface Measured {
  readonly records: number;
  /** Records a second; of latency runs the rate that was kept. */
  readonly rate: number;
  /** Processor seconds of the broker per million records. */
  readonly brokerSeconds: number;
  /** Whole milliseconds, where the tool tells. */
  readonly p99?: number;
}

const TOOLS = 'org.apache.kafka.tools';
const launcher = (): string => join(process.env['MILLRACE_ENGINES']!, 'kafka');
const tool = (name: string, args: readonly string[]): Promise<string> =>
  pinned(CONFIG.clientCpu, launcher(), ['run', `${TOOLS}.${name}`, ...args]);

let topics = 0;
const freshTopic = (): string => `bench-${topics++}`;

async function createTopic(broker: Broker, name: string): Promise<void> {
  const args = ['--create', '--topic', name, '--partitions', '1', '--replication-factor', '1'];
  await tool('TopicCommand', ['--bootstrap-server', broker.bootstrap, ...args]);
}

async function deleteTopic(broker: Broker, name: string): Promise<void> {
  await tool('TopicCommand', ['--bootstrap-server', broker.bootstrap, '--delete', '--topic', name]);
}

/** A file of lines that kcat sends, one record each. */
export function recordsFile(): { readonly path: string; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'bench-records-'));
  const path = join(directory, 'records');
  const file = openSync(path, 'w');
  const lines: string[] = [];
  for (let i = 0; i < CONFIG.kcatRecords; i++) {
    lines.push(`${i} `.padEnd(CONFIG.recordBytes, 'abcdefghijklmnopqrstuvwxyz'));
    if (lines.length === 10_000) writeSync(file, `${lines.splice(0).join('\n')}\n`);
  }
  closeSync(file);
  return { path, remove: () => rmSync(directory, { recursive: true }) };
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await run();
  return (performance.now() - from) / 1000;
}

const million = (seconds: number, records: number): number => (seconds / records) * 1e6;

/**
 * kcat writes the file to one topic after another, then reads the last one again and again, each for the
 * whole time.
 */
export async function kcatLoad(broker: Broker, file: string): Promise<readonly [Measured, Measured]> {
  const of = ['-b', broker.bootstrap, '-p', '0', '-q'];
  const produced = { records: 0, seconds: 0, processor: 0 };
  let topic = '';
  while (produced.seconds < CONFIG.seconds) {
    if (topic !== '') await deleteTopic(broker, topic);
    topic = freshTopic();
    await createTopic(broker, topic);
    const before = broker.processorSeconds();
    const send = ['-P', '-t', topic, '-l', file];
    produced.seconds += await timed(() => pinned(CONFIG.clientCpu, 'kcat', [...of, ...KCAT, ...send]));
    produced.processor += broker.processorSeconds() - before;
    produced.records += CONFIG.kcatRecords;
  }
  const consumed = { records: 0, seconds: 0, processor: 0 };
  while (consumed.seconds < CONFIG.seconds) {
    const before = broker.processorSeconds();
    const read = ['-C', '-t', topic, '-o', 'beginning', '-c', String(CONFIG.kcatRecords), '-f', '.'];
    consumed.seconds += await timed(async () => {
      const { length } = await pinned(CONFIG.clientCpu, 'kcat', [...of, ...read]);
      if (length !== CONFIG.kcatRecords) throw new Error(`kcat read ${length} records`);
    });
    consumed.processor += broker.processorSeconds() - before;
    consumed.records += CONFIG.kcatRecords;
  }
  await deleteTopic(broker, topic);
  return [total(produced), total(consumed)];
}

const total = (sum: { records: number; seconds: number; processor: number }): Measured => ({
  records: sum.records,
  rate: sum.records / sum.seconds,
  brokerSeconds: million(sum.processor, sum.records),
});

/** What ProducerPerformance says at its end. */
function producerReport(printed: string): {
  readonly records: number;
  readonly rate: number;
  readonly p99: number;
} {
  const pattern = /^(\d+) records sent, ([\d.]+) records\/sec.*? (\d+) ms 99th/gm;
  const last = [...printed.matchAll(pattern)].at(-1);
  if (!last) throw new Error(`ProducerPerformance said: ${printed}`);
  return { records: Number(last[1]), rate: Number(last[2]), p99: Number(last[3]) };
}

const perform = (
  broker: Broker,
  topic: string,
  records: number,
  extra: readonly string[],
): Promise<string> => {
  const size = ['--num-records', String(records), '--record-size', String(CONFIG.recordBytes)];
  return tool('ProducerPerformance', [
    '--topic',
    topic,
    ...size,
    '--bootstrap-server',
    broker.bootstrap,
    ...extra,
  ]);
};

/** Kafka's own tools: as fast as it goes, then read, each for at least the whole time. */
export async function perfLoad(broker: Broker): Promise<readonly [Measured, Measured]> {
  const flatOut = ['--throughput', '-1', '--command-property', ...PRODUCER];
  const warm = freshTopic();
  await createTopic(broker, warm);
  const { rate: guess } = producerReport(await perform(broker, warm, 300_000, flatOut));
  await deleteTopic(broker, warm);

  const topic = freshTopic();
  await createTopic(broker, topic);
  // A JVM that has become warm is faster than its first 300,000 records say.
  const records = Math.ceil((guess * CONFIG.seconds * 1.6) / 100_000) * 100_000;
  const before = broker.processorSeconds();
  const sent = producerReport(await perform(broker, topic, records, flatOut));
  const produced = {
    records,
    rate: sent.rate,
    brokerSeconds: million(broker.processorSeconds() - before, records),
  };
  const consumed = await perfConsume(broker, topic, records);
  await deleteTopic(broker, topic);
  return [produced, consumed];
}

async function perfConsume(broker: Broker, topic: string, records: number): Promise<Measured> {
  const sum = { records: 0, seconds: 0, processor: 0 };
  while (sum.seconds < CONFIG.seconds) {
    const before = broker.processorSeconds();
    const args = ['--bootstrap-server', broker.bootstrap, '--topic', topic, '--num-records', String(records)];
    const printed = await tool('ConsumerPerformance', args);
    // start.time, end.time, MB, MB/s, records, records/s, rebalance ms, fetch ms, fetch MB/s, fetch records/s
    const row = printed.trim().split('\n').at(-1)!.split(', ');
    const [count, rate] = [Number(row[4]), Number(row[5])];
    if (!(count >= records)) throw new Error(`ConsumerPerformance said: ${printed}`);
    sum.seconds += count / rate;
    sum.processor += broker.processorSeconds() - before;
    sum.records += count;
  }
  return total(sum);
}

/** p99 at a fixed rate, after a warm-up. */
export async function latencyLoad(broker: Broker): Promise<Measured> {
  const topic = freshTopic();
  await createTopic(broker, topic);
  const records = CONFIG.latencyWarmup + CONFIG.latencyRate * CONFIG.seconds;
  const before = broker.processorSeconds();
  const printed = await perform(broker, topic, records, [
    ...['--throughput', String(CONFIG.latencyRate), '--warmup-records', String(CONFIG.latencyWarmup)],
    ...['--command-property', ...LATENCY_PRODUCER],
  ]);
  const brokerSeconds = million(broker.processorSeconds() - before, records);
  await deleteTopic(broker, topic);
  const { rate, p99 } = producerReport(printed);
  return { records, rate, p99, brokerSeconds };
}
