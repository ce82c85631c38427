import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from './millrace.ts';

const run = promisify(execFile);
const KAFKA = 'kafka-4.3.1';

const engines = (): string | undefined => process.env['MILLRACE_ENGINES'];
const installed = (): string =>
  join(process.env['ENGINES_HOME'] ?? join(homedir(), '.cache', 'engines'), KAFKA);

/** Why there is no real Kafka to test with; null when there is one. */
export function whyNoKafka(): string | null {
  if (engines() === undefined) return 'MILLRACE_ENGINES is not set';
  return existsSync(installed()) ? null : `${installed()} is missing: \`$MILLRACE_ENGINES/kafka install\``;
}

/** A Kafka with data and ports of its own. */
export class RealKafka {
  readonly bootstrap: string;
  readonly #home: string;
  readonly #port: number;
  readonly #properties: string;
  readonly #nodes: number;

  private constructor(home: string, port: number, properties: string, nodes: number) {
    this.#home = home;
    this.#port = port;
    this.#properties = properties;
    this.#nodes = nodes;
    this.bootstrap = `127.0.0.1:${port}`;
  }

  /** Starts it on empty data; `properties` are more lines of its configuration. Nodes have ports in a row. */
  static async start(port: number, properties = '', nodes = 1): Promise<RealKafka> {
    const home = await mkdtemp(join(tmpdir(), 'millrace-kafka-'));
    await symlink(installed(), join(home, KAFKA));
    const kafka = new RealKafka(home, port, properties, nodes);
    await kafka.up();
    return kafka;
  }

  /** Starts it again on the data it has; resolves when it answers. */
  async up(): Promise<void> {
    await this.#launcher('up', String(this.#nodes));
  }

  /** Ends a node at once, as a power cut ends its process; resolves when it is gone. */
  async kill(node = 1): Promise<void> {
    const pid = Number(readFileSync(join(this.#home, 'run', `kafka-${node}.pid`), 'utf8'));
    process.kill(pid, 'SIGKILL');
    await eventually('the broker is gone', async () => !isRunning(pid));
  }

  /** Runs one of Kafka's own tools. */
  async tool(name: string, args: readonly string[]): Promise<void> {
    await run(join(engines()!, 'kafka'), ['run', name, ...args], { env: this.#environment() });
  }

  /** Stops it and removes its data. */
  async dispose(): Promise<void> {
    await this.#launcher('wipe');
    await rm(this.#home, { recursive: true });
  }

  async #launcher(...args: readonly string[]): Promise<void> {
    await run(join(engines()!, 'kafka'), [...args], { env: this.#environment() });
  }

  #environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      ENGINES_HOME: this.#home,
      KAFKA_PORT: String(this.#port),
      KAFKA_PROPS: this.#properties,
    };
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
