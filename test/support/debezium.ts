import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);
const KAFKA_PORT = '29092';
const CONNECT_PORT = '28083';
/** Kafka's command-line client, which the engines folder installs. */
const KCAT = 'kcat';
const BOOTSTRAP = `127.0.0.1:${KAFKA_PORT}`;

const engines = (): string | undefined => process.env['MILLRACE_ENGINES'];

/** True when the engines folder is given and has fetched Kafka, Connect and Debezium. */
export function debeziumInstalled(): boolean {
  const home = process.env['ENGINES_HOME'] ?? join(homedir(), '.cache', 'engines');
  const fetched = ['kafka-4.3.1', 'debezium-3.7.0.Final/debezium-connector-postgres'];
  return engines() !== undefined && fetched.every(folder => existsSync(join(home, folder)));
}

/** A real Debezium on a Kafka Connect worker and a broker of its own, for a comparison in the same run. */
export class Debezium {
  /** Starts broker and worker; they listen on ports of their own. */
  static async start(): Promise<Debezium> {
    const debezium = new Debezium();
    await debezium.#launcher('kafka', 'up');
    await debezium.#launcher('connect', 'up');
    return debezium;
  }

  async stop(): Promise<void> {
    await this.#launcher('connect', 'down');
    await this.#launcher('kafka', 'wipe');
  }

  /** Register a connector; returns the topic of `public.orders`. */
  async connect(config: Readonly<Record<string, string>>): Promise<string> {
    const name = config['topic.prefix'];
    const answer = await fetch(`http://127.0.0.1:${CONNECT_PORT}/connectors`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        name,
        config: {
          ...config,
          'plugin.name': 'pgoutput',
          'tasks.max': '1',
          'poll.interval.ms': '10',
          'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
          'key.converter.schemas.enable': 'false',
          'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
          'value.converter.schemas.enable': 'false',
        },
      }),
    });
    if (!answer.ok) throw new Error(`Connect answers ${answer.status}: ${await answer.text()}`);
    return `${name}.public.orders`;
  }

  /** Until the topic ends at or behind `records`. */
  async until(topic: string, records: number): Promise<void> {
    const deadline = performance.now() + 180_000;
    for (;;) {
      const end = await endOffset(topic);
      if (end >= records) return;
      await refuseFailedTask();
      if (performance.now() > deadline) throw new Error(`${topic} has ${end} of ${records} records`);
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  }

  /** Each new record's value as it arrives, until the returned function is called. */
  follow(topic: string, onRow: (value: string, atMs: number) => void): () => Promise<void> {
    const kcat: ChildProcess = spawn(
      KCAT,
      ['-C', '-b', BOOTSTRAP, '-t', topic, '-p', '0', '-o', 'end', '-u', '-q', '-X', 'fetch.wait.max.ms=5'],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    createInterface({ input: kcat.stdout! }).on('line', line =>
      onRow(line, performance.timeOrigin + performance.now()),
    );
    const closed = new Promise<void>(resolve => kcat.once('close', () => resolve()));
    return () => {
      kcat.kill();
      return closed;
    };
  }

  async #launcher(name: string, verb: string): Promise<void> {
    const env = {
      ...process.env,
      KAFKA_PORT,
      CONNECT_PORT,
      BOOTSTRAP,
      CONNECT_GROUP: 'millrace-bench',
    };
    await run(join(engines()!, name), [verb], { env });
  }
}

async function refuseFailedTask(): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${CONNECT_PORT}/connectors?expand=status`);
  const text = await answer.text();
  if (text.includes('"FAILED"')) throw new Error(`Debezium failed: ${text.slice(0, 2000)}`);
}

async function endOffset(topic: string): Promise<number> {
  try {
    const { stdout } = await run(KCAT, ['-Q', '-b', BOOTSTRAP, '-t', `${topic}:0:-1`]);
    return Number(/offset (\d+)/.exec(stdout)?.[1] ?? 0);
  } catch {
    // The topic does not exist before the first record.
    return 0;
  }
}
