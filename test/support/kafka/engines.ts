import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../millrace.ts';

/** Folder of the launchers of real engines (`MILLRACE_ENGINES`), or null. */
export const enginesFolder = (): string | null => process.env.MILLRACE_ENGINES || null;

/** Where those launchers keep what they fetch. */
export const enginesHome = (): string => process.env.ENGINES_HOME ?? join(homedir(), '.cache', 'engines');

/** Runs a launcher to its end and returns what it printed; fails with its complaint. */
export function runEngine(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): string {
  const folder = enginesFolder();
  if (folder === null) throw new Error('MILLRACE_ENGINES is not set');
  const run = spawnSync(join(folder, name), args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    timeout: 600_000,
    maxBuffer: 64 << 20,
  });
  if (run.status !== 0) throw new Error(`${name} ${args.join(' ')}: ${run.stderr}${run.stdout}`);
  return run.stdout;
}

/** Folder with the jars of Kafka and its tools; null with the reason when they can't be had. */
export function kafkaJars(): string | null {
  if (enginesFolder() === null) return null;
  const folder = join(enginesHome(), `kafka-${process.env.KAFKA_VERSION ?? '4.3.1'}`);
  if (!existsSync(join(folder, '.done'))) runEngine('kafka', ['install']);
  return folder;
}

/** kill -9 of an engine that a launcher has started, by its pid file; resolves when it is dead. */
export async function killEngine(name: string): Promise<void> {
  const pid = Number(readFileSync(join(enginesHome(), 'run', `${name}.pid`), 'utf8'));
  process.kill(pid, 'SIGKILL');
  await eventually(`${name} is dead`, async () => !isAlive(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    return false;
  }
}
