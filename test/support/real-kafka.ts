import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

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

/** A Kafka of one node with data and ports of its own. */
export class RealKafka {
  readonly bootstrap: string;
  readonly #home: string;
  readonly #port: number;
  readonly #properties: string;

  private constructor(home: string, port: number, properties: string) {
    this.#home = home;
    this.#port = port;
    this.#properties = properties;
    this.bootstrap = `127.0.0.1:${port}`;
  }

  /** Starts it on empty data; `properties` are more lines of its configuration. */
  static async start(port: number, properties = ''): Promise<RealKafka> {
    const home = await mkdtemp(join(tmpdir(), 'millrace-kafka-'));
    await symlink(installed(), join(home, KAFKA));
    const kafka = new RealKafka(home, port, properties);
    await kafka.up();
    return kafka;
  }

  /** Starts it again on the data it has; resolves when it answers. */
  async up(): Promise<void> {
    await this.#launcher('up');
  }

  /** Ends it at once, as a power cut ends its process. */
  kill(): void {
    process.kill(Number(readFileSync(join(this.#home, 'run', 'kafka-1.pid'), 'utf8')), 'SIGKILL');
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

  async #launcher(verb: string): Promise<void> {
    await run(join(engines()!, 'kafka'), [verb], { env: this.#environment() });
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
