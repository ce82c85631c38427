import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CONFIG, FLUSH_SETTINGS, type Flush, KAFKA_TIDY, MILLRACE_TIDY } from './config.ts';
import { pinned } from './run-pinned.ts';

/** A broker under measurement. */
export interface Broker {
  readonly name: 'Millrace' | 'Kafka';
  readonly bootstrap: string;
  /** Processor seconds that it has used so far, user and system, of all threads. */
  processorSeconds(): number;
  /** Resident memory, MB. */
  residentMb(): number;
  stop(): Promise<void>;
}

const TICKS_PER_SECOND = 100;

function ofProcess(pid: number): Pick<Broker, 'processorSeconds' | 'residentMb'> {
  return {
    processorSeconds: () => {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    },
    residentMb: () => {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise(resolve => server.close(resolve));
  return port;
}

/** Millrace's log alone, on the brokers' processor. */
export async function startMillrace(flush: Flush): Promise<Broker> {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const [port, http] = [await freePort(), await freePort()];
  const bin = fileURLToPath(new URL('../../bin/millrace.mjs', import.meta.url));
  const args = ['-c', CONFIG.brokerCpu, process.execPath, bin, 'start', '--only', 'log'];
  const settings = [
    '--kafka.port',
    String(port),
    '--http.port',
    String(http),
    ...MILLRACE_TIDY,
    ...FLUSH_SETTINGS[flush].millrace,
  ];
  const child = spawn('taskset', [...args, ...settings], {
    env: { ...process.env, MILLRACE_DATA: directory },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = new Promise(resolve => child.once('exit', resolve));
  const bootstrap = `127.0.0.1:${port}`;
  await answering(bootstrap, () => child.exitCode === null);
  return {
    name: 'Millrace',
    bootstrap,
    ...ofProcess(child.pid!),
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Apache Kafka from the engines folder, on the brokers' processor. */
export async function startKafka(flush: Flush): Promise<Broker> {
  const directory = mkdtempSync(join(tmpdir(), 'kafka-bench-'));
  const port = await freePort();
  const env = {
    KAFKA_PORT: String(port),
    KAFKA_PROPS: [`log.dirs=${directory}`, ...KAFKA_TIDY, ...FLUSH_SETTINGS[flush].kafka].join('\n'),
  };
  const launcher = join(process.env['MILLRACE_ENGINES']!, 'kafka');
  await pinned(CONFIG.brokerCpu, launcher, ['up'], env);
  const home = process.env['ENGINES_HOME'] ?? join(process.env['HOME']!, '.cache', 'engines');
  const pid = Number(readFileSync(join(home, 'run', 'kafka-1.pid'), 'utf8'));
  return {
    name: 'Kafka',
    bootstrap: `127.0.0.1:${port}`,
    ...ofProcess(pid),
    stop: async () => {
      await pinned(CONFIG.brokerCpu, launcher, ['down'], env);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function answering(bootstrap: string, alive: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const asked = await pinned(CONFIG.clientCpu, 'kcat', ['-L', '-m', '2', '-b', bootstrap]).catch(
      () => null,
    );
    if (asked?.includes(' 1 brokers:')) return;
    if (!alive() || Date.now() > deadline) throw new Error(`no broker answers at ${bootstrap}`);
  }
}
