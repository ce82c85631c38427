import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startMillrace } from '../millrace.ts';
import { killEngine, runEngine } from './engines.ts';

/** A broker that can be killed and started again on its data. */
export interface Killable {
  readonly bootstrap: string;
  /** kill -9. */
  kill(): Promise<void>;
  /** Start again; resolves when it is ready. */
  start(): Promise<void>;
  /** What it printed last. */
  output(): string;
  dispose(): Promise<void>;
}

/**
 * Millrace's log alone, or with `MILLRACE_KAFKA_TARGET=real` Apache Kafka, which shows that the test is
 * right.
 */
export async function startKillable(): Promise<Killable> {
  const port = await freePort();
  const bootstrap = `127.0.0.1:${port}`;
  if (process.env.MILLRACE_KAFKA_TARGET === 'real') return killableKafka(port, bootstrap);
  const millrace = await startMillrace({ args: ['--only', 'log', '--kafka.port', String(port)] });
  return {
    bootstrap,
    kill: millrace.kill,
    start: millrace.start,
    output: () => millrace.output().slice(-3000),
    dispose: millrace.dispose,
  };
}

async function killableKafka(port: number, bootstrap: string): Promise<Killable> {
  const home = mkdtempSync(join(tmpdir(), 'millrace-real-kafka-'));
  const environment = { KAFKA_PORT: String(port), KAFKA_PROPS: `log.dirs=${join(home, 'data')}` };
  const start = async (): Promise<void> => {
    runEngine('kafka', ['up'], environment);
  };
  await start();
  return {
    bootstrap,
    start,
    kill: () => killEngine('kafka-1'),
    output: () => '',
    dispose: async () => {
      runEngine('kafka', ['down'], environment);
      rmSync(home, { recursive: true, force: true });
    },
  };
}
