import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FlinkSide } from './nexmark/beside-flink.ts';
import type { Task } from './nexmark/child.ts';
import { CONFIG, type NexmarkQuery, QUERIES } from './nexmark/config.ts';
import { writeLines } from './nexmark/files.ts';
import type { FlinkMeasure } from './nexmark/flink.ts';
import type { Measure } from './nexmark/run-query.ts';

const CHILD = fileURLToPath(new URL('nexmark/child.ts', import.meta.url));
/** The core that a measured process has for itself, all its threads together. */
const CORE = process.env['NEXMARK_CORE'] ?? '0';

/** A task in a process of its own on one core; resolves with what it printed. */
function onOneCore(task: Task): Promise<string> {
  const args = ['-c', CORE, process.execPath, '--import', 'tsx', CHILD, JSON.stringify(task)];
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
const millions = (perSecond: number): string => `${(perSecond / 1e6).toFixed(2)} M`;
const row = (cells: readonly string[]): void => console.log(`| ${cells.join(' | ')} |`);

interface Ours {
  readonly wall: number;
  readonly cpu: number;
  readonly measures: readonly Measure[];
}

/** Events per second of a query on our side; null where it failed, which is on stderr. */
async function ours(
  query: NexmarkQuery,
  directory: string,
  events: number,
  runs: number,
): Promise<Ours | null> {
  const task = { kind: 'query', directory, query: query.name, runs } as const;
  const printed = await onOneCore(task).catch(() => null);
  if (printed === null) return null;
  const measures = JSON.parse(printed) as Measure[];
  const wall = events / median(measures.map(m => m.seconds));
  return { wall, cpu: events / median(measures.map(m => m.processorSeconds)), measures };
}

async function alone(directory: string, events: number, queries: readonly NexmarkQuery[]): Promise<void> {
  const runs = Number(option('runs') ?? CONFIG.runs);
  row(['query', 'events/s', 'per processor s', 'of the sketch', 'bar', '', 'rows out', 'RSS MB']);
  row(Array(8).fill('---'));
  for (const query of queries) {
    const result = await ours(query, directory, events, runs);
    const bar = query.bar ?? query.sketch * 0.3;
    if (result === null) row([query.name, 'failed', '', '', millions(bar), 'missed', '', '']);
    else {
      const { wall, cpu, measures } = result;
      const share = `${((cpu / query.sketch) * 100).toFixed(0)} %`;
      const { rowsOut, rssMb } = measures[0]!;
      const verdict = cpu >= bar ? 'met' : 'missed';
      row([
        query.name,
        millions(wall),
        millions(cpu),
        share,
        millions(bar),
        verdict,
        `${rowsOut}`,
        rssMb.toFixed(0),
      ]);
    }
  }
}

/** Both engines on the same events, one after the other on the same core. */
async function besideFlink(
  directory: string,
  events: number,
  queries: readonly NexmarkQuery[],
): Promise<void> {
  const engines = process.env['MILLRACE_ENGINES'];
  if (engines === undefined) {
    console.log('  skipped: MILLRACE_ENGINES does not name the folder with the script `flink`');
    return;
  }
  const input = join(directory, 'input.jsonl');
  writeLines(input, events, CONFIG);
  const mine = new Map<string, Ours | null>();
  for (const query of queries) mine.set(query.name, await ours(query, directory, events, CONFIG.runs));
  const flink = await FlinkSide.start(engines, CORE, directory, input);
  const ratios: number[] = [];
  try {
    row(['query', 'events per processor s', 'Flink', 'ratio', 'events/s', 'Flink']);
    row(Array(6).fill('---'));
    for (const query of queries) {
      const theirs = await flink.measure(query);
      const ratio = printBeside(query.name, events, mine.get(query.name) ?? null, theirs);
      if (ratio !== null) ratios.push(ratio);
    }
  } finally {
    await flink.stop();
  }
  const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
  console.log(
    `\n  geometric mean of ${ratios.length}: ${mean.toFixed(1)} ×, least ${Math.min(...ratios).toFixed(1)} ×`,
  );
}

function printBeside(name: string, events: number, mine: Ours | null, theirs: FlinkMeasure): number | null {
  const [cpu, wall] = [events / theirs.processorSeconds, events / theirs.seconds];
  if (mine === null) {
    row([name, 'failed', millions(cpu), '', '', millions(wall)]);
    return null;
  }
  const ratio = mine.cpu / cpu;
  row([
    name,
    millions(mine.cpu),
    millions(cpu),
    `${ratio.toFixed(1)} ×`,
    millions(mine.wall),
    millions(wall),
  ]);
  return ratio;
}

/**
 * Nexmark through the log, on one core. Options: `--flink` beside a real Flink, `--events=N`, `--runs=N`,
 * `--queries=q0,q5`.
 */
export async function bench(): Promise<void> {
  const isBeside = process.argv.includes('--flink');
  const events = Number(option('events') ?? (isBeside ? CONFIG.eventsBesideFlink : CONFIG.events));
  const asked = option('queries')?.split(',');
  const queries = QUERIES.filter(({ name }) => asked?.includes(name) ?? true);
  const directory = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'millrace-nexmark-'));
  const { seed, eventsPerSecond } = CONFIG;
  try {
    console.log(`  ${events} events, core ${CORE}, medians of ${option('runs') ?? CONFIG.runs} runs`);
    await onOneCore({ kind: 'prepare', directory, events, seed, eventsPerSecond });
    await (isBeside ? besideFlink : alone)(directory, events, queries);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
