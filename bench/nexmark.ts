import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Task } from './nexmark/child.ts';
import { CONFIG, QUERIES } from './nexmark/config.ts';
import type { Measure } from './nexmark/run-query.ts';

const CHILD = fileURLToPath(new URL('nexmark/child.ts', import.meta.url));
/** The core that a measured process has for itself, all its threads together. */
const CORE = process.env['NEXMARK_CORE'] ?? '0';

/** A task in a process of its own on one core; resolves with what it printed. */
function onOneCore(task: Task): Promise<string> {
  const flags = process.env['NEXMARK_NODE_FLAGS']?.split(' ') ?? [];
  const args = ['-c', CORE, process.execPath, ...flags, '--import', 'tsx', CHILD, JSON.stringify(task)];
  const child = spawn('taskset', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', text => (printed += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', code => (code === 0 ? resolve(printed) : reject(new Error(`${task.kind} failed`))));
  });
}

const option = (name: string): string | undefined =>
  process.argv.find(word => word.startsWith(`--${name}=`))?.slice(name.length + 3);

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const rate = (perSecond: number): string => `${(perSecond / 1e6).toFixed(2)} M`;

/** Nexmark through the log, on one core. Options: `--events=N --runs=N --queries=q0,q5`. */
export async function bench(): Promise<void> {
  const events = Number(option('events') ?? CONFIG.events);
  const runs = Number(option('runs') ?? CONFIG.runs);
  const asked = option('queries')?.split(',');
  const directory = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'millrace-nexmark-'));
  const { seed, eventsPerSecond } = CONFIG;
  try {
    await onOneCore({ kind: 'prepare', directory, events, seed, eventsPerSecond });
    console.log(`  ${events} events; per second, per processor second, share of the sketch, bar`);
    for (const { name, sketch, bar } of QUERIES) {
      if (asked !== undefined && !asked.includes(name)) continue;
      const printed = await onOneCore({ kind: 'query', directory, query: name, runs }).catch(() => null);
      if (printed === null) continue;
      const measures = JSON.parse(printed) as Measure[];
      const wall = events / median(measures.map(m => m.seconds));
      const cpu = events / median(measures.map(m => m.processorSeconds));
      const wanted = bar ?? sketch * 0.3;
      console.log(
        `  ${name.padEnd(4)} ${rate(wall)}  ${rate(cpu)}  ${((cpu / sketch) * 100).toFixed(0)} %  bar ${rate(wanted)}` +
          `  ${cpu >= wanted ? 'met' : 'MISSED'}  out ${measures[0]!.rowsOut}  rss ${measures[0]!.rssMb.toFixed(0)} MB`,
      );
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
