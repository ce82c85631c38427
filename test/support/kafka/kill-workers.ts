import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { python } from './client-python.ts';
import { kafkaJars } from './engines.ts';

const script = fileURLToPath(new URL('./python/load.py', import.meta.url));

/** A client under load in a process of its own: what it says about its work, line by line. */
export class Worker {
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;
  #finishing = false;
  /** How many things are known to be done. */
  done = 0;
  /** Records sent and not yet acknowledged, as last said. */
  flying = 0;
  /** What it complained of last. */
  readonly troubles: string[] = [];
  /** Records that were given up. */
  readonly failures: string[] = [];
  readonly name: string;

  constructor(
    name: string,
    command: string,
    args: readonly string[],
    take: (line: Readonly<Record<string, unknown>>, worker: Worker) => void,
  ) {
    this.name = name;
    this.#process = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    createInterface({ input: this.#process.stdout! }).on('line', text => {
      if (!text.startsWith('{')) return;
      const line = JSON.parse(text) as Record<string, unknown>;
      if (typeof line.trouble === 'string') this.trouble(line.trouble);
      take(line, this);
    });
    this.#process.stderr!.on('data', (chunk: Buffer) => this.trouble(chunk.toString()));
    this.#ended = new Promise(resolve => this.#process.once('close', () => resolve()));
  }

  trouble(text: string): void {
    this.troubles.push(text);
    if (this.troubles.length > 50) this.troubles.shift();
  }

  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Notes a record that was given up; while it ends, a tool may go on to try its closed producer. */
  fail(text: string): void {
    if (!this.#finishing) this.failures.push(text);
  }

  /** Lets it finish what it has begun, and waits for its end. */
  async finish(): Promise<void> {
    this.#finishing = true;
    this.#process.stdin!.end();
    if (this.name.startsWith('java')) this.#process.kill('SIGTERM');
    await this.#ended;
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }
}

/** What an idempotent producer was promised: the offset of each number, by partition. */
export class Acknowledged {
  readonly byPartition = new Map<number, Map<number, number>>();
  count = 0;

  add(n: number, partition: number, offset: number): void {
    const there = this.byPartition.get(partition) ?? new Map<number, number>();
    this.byPartition.set(partition, there.set(n, offset));
    this.count++;
  }
}

/** Numbers from librdkafka's idempotent producer. */
export function idempotentProducer(bootstrap: string, topic: string, rate: number, to: Acknowledged): Worker {
  const args = [script, 'idempotent', bootstrap, topic, String(rate)];
  return new Worker('librdkafka idempotent', python, args, (line, worker) => {
    if (typeof line.acked === 'number') {
      to.add(line.acked, line.partition as number, line.offset as number);
      worker.done++;
      worker.flying = line.flying as number;
    }
    if (line.failed !== undefined) worker.fail(`${line.failed}: ${line.why}`);
    if (typeof line.unflushed === 'number') worker.flying = line.unflushed;
  });
}

/** Numbers from the Java client, by Kafka's own VerifiableProducer, which must be told to be idempotent and to retry. */
export function javaProducer(bootstrap: string, topic: string, rate: number, to: Acknowledged): Worker {
  const jars = kafkaJars()!;
  const tool = ['-Xmx256m', '-cp', `${jars}/*`, 'org.apache.kafka.tools.VerifiableProducer'];
  const config = join(mkdtempSync(join(tmpdir(), 'millrace-java-')), 'producer.properties');
  writeFileSync(config, 'enable.idempotence=true\nretries=2147483647\ndelivery.timeout.ms=300000\n');
  const work = [
    '--command-config',
    config,
    '--topic',
    topic,
    '--max-messages',
    '-1',
    '--throughput',
    String(rate),
    '--acks',
    '-1',
  ];
  return new Worker(
    'java idempotent',
    'java',
    [...tool, '--bootstrap-server', bootstrap, ...work],
    (line, worker) => {
      if (line.name === 'producer_send_success') {
        to.add(Number(line.value), line.partition as number, line.offset as number);
        worker.done++;
      }
      if (line.name === 'producer_send_error') worker.fail(`${line.value}: ${line.message}`);
    },
  );
}

export type Ending = 'committed' | 'aborted' | 'unknown';

/** Transactions, and how each of them ended as far as its producer knows. */
export function transactionalProducer(
  bootstrap: string,
  topic: string,
  rate: number,
  to: Map<number, Ending>,
): Worker {
  const args = [script, 'transactional', bootstrap, topic, String(rate)];
  return new Worker('librdkafka transactional', python, args, (line, worker) => {
    if (typeof line.begun === 'number') worker.flying = 10;
    if (typeof line.transaction !== 'number') return;
    to.set(line.transaction, line.ended as Ending);
    worker.flying = 0;
    worker.done++;
  });
}

/** One thing that a member of the group said, with its time. */
export interface Said {
  readonly at: number;
  readonly member: string;
  readonly received?: Readonly<Record<string, readonly [first: number, last: number, count: number]>>;
  readonly committed?: Readonly<Record<string, number>>;
}

/** A member of a group over topics. */
export function groupMember(
  name: string,
  bootstrap: string,
  group: string,
  topics: readonly string[],
  to: Said[],
): Worker {
  const args = [script, 'member', bootstrap, group, ...topics];
  return new Worker(name, python, args, (line, worker) => {
    const said = { member: name, ...line } as unknown as Said;
    if (said.received || said.committed) to.push(said);
    for (const [, , count] of Object.values(said.received ?? {})) worker.done += count;
  });
}

export interface Seen {
  readonly partition: number;
  readonly offset: number;
  readonly value: string;
}

/** What a read_committed reader sees of a topic. */
export function dump(bootstrap: string, topic: string): readonly Seen[] {
  const run = spawnSync(python, [script, 'dump', bootstrap, topic], { encoding: 'utf8', maxBuffer: 1 << 30 });
  if (run.status !== 0) throw new Error(`reading ${topic}: ${run.stderr}`);
  return run.stdout
    .split('\n')
    .filter(Boolean)
    .map(line => {
      const [partition, offset, value] = line.split(' ');
      return { partition: Number(partition), offset: Number(offset), value: value! };
    });
}
