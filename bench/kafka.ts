import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { type Broker, startKafka, startMillrace } from './kafka/brokers.ts';
import { CONFIG, FLUSH_SETTINGS, type Flush, KCAT, LATENCY_PRODUCER, PRODUCER } from './kafka/config.ts';
import { kcatLoad, latencyLoad, type Measured, perfLoad, recordsFile } from './kafka/loads.ts';
import { printFigures } from './print.ts';

/** The two columns of one figure, a value for each pair. */
interface Figure {
  readonly name: string;
  readonly millrace: number[];
  readonly kafka: number[];
  /** Which quotient of the medians must hold: ours by theirs. */
  readonly bound: string;
}

class Figures {
  readonly #all = new Map<string, Figure>();

  add(name: string, bound: string, broker: Broker, value: number): void {
    const figure = this.#all.get(name) ?? { name, bound, millrace: [], kafka: [] };
    this.#all.set(name, figure);
    (broker.name === 'Millrace' ? figure.millrace : figure.kafka).push(value);
  }

  print(): void {
    for (const { name, bound, millrace, kafka } of this.#all.values()) {
      const ratio = median(millrace) / median(kafka);
      printFigures(name, {
        millrace: spread(millrace),
        kafka: spread(kafka),
        ratio: ratio.toFixed(2),
        wanted: bound,
      });
    }
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const shown = (value: number): string =>
  value >= 1000 ? `${(value / 1000).toFixed(1)} k` : value.toFixed(2);
const spread = (values: readonly number[]): string =>
  `${shown(median(values))} (${shown(Math.min(...values))}–${shown(Math.max(...values))})`;

function missing(): string | null {
  if (!process.env['MILLRACE_ENGINES']) return 'MILLRACE_ENGINES is not set';
  for (const command of ['taskset', 'kcat', 'java'])
    if (spawnSync('which', [command]).status !== 0) return `${command} is not installed`;
  return null;
}

/** One broker through every workload. */
async function measure(broker: Broker, file: string, figures: Figures): Promise<void> {
  const flow = (name: string, what: 'produce' | 'consume', measured: Measured): void => {
    figures.add(`${name} ${what}, records/s`, '≥ 0.95', broker, measured.rate);
    const bound = what === 'produce' ? '≤ 1.0' : '≤ 2';
    figures.add(`${name} ${what}, broker s/M`, bound, broker, measured.brokerSeconds);
  };
  if (CONFIG.loads.includes('kcat')) {
    const [sent, read] = await kcatLoad(broker, file);
    flow('kcat', 'produce', sent);
    flow('kcat', 'consume', read);
  }
  if (CONFIG.loads.includes('perf')) {
    const [produced, consumed] = await perfLoad(broker);
    flow('perf', 'produce', produced);
    flow('perf', 'consume', consumed);
  }
  if (!CONFIG.loads.includes('latency')) return;
  const latency = await latencyLoad(broker);
  const rate = CONFIG.latencyRate.toLocaleString('en');
  figures.add(`p99 at ${rate} msg/s, ms`, '≤ 1.1', broker, latency.p99!);
  figures.add(`at ${rate} msg/s, broker s/M`, '', broker, latency.brokerSeconds);
}

async function compare(flush: Flush, file: string): Promise<void> {
  const { millrace, kafka } = FLUSH_SETTINGS[flush];
  console.log(`\n  flush ${flush}: millrace ${millrace.join(' ')}; kafka ${kafka.join(' ')}`);
  const figures = new Figures();
  const brokers: Broker[] = [];
  try {
    for (const start of [startMillrace, startKafka]) {
      const broker = await start(flush);
      brokers.push(broker);
      await new Promise(resolve => setTimeout(resolve, CONFIG.idleSeconds * 1000));
      figures.add('idle memory, MB', '≤ 0.25', broker, broker.residentMb());
    }
    for (let pair = 1; pair <= CONFIG.pairs; pair++) {
      // Which one goes first alternates too.
      const order = pair % 2 === 1 ? brokers : [...brokers].reverse();
      for (const broker of order) await measure(broker, file, figures);
      console.log(`  pair ${pair} of ${CONFIG.pairs} is done`);
      if (pair < CONFIG.pairs) figures.print();
    }
    for (const broker of brokers) figures.add('memory after the load, MB', '', broker, broker.residentMb());
    figures.print();
  } finally {
    for (const broker of brokers) await broker.stop();
  }
}

/**
 * Our log beside a real Kafka set alike: both run, broker and client each on a processor of their own;
 * medians of
 * alternating pairs with the smallest and the largest.
 */
export async function bench(): Promise<void> {
  const reason = missing();
  if (reason !== null) return console.log(`  skipped: ${reason}`);
  console.log(`  ${JSON.stringify(CONFIG)}`);
  console.log(
    `  producers: perf ${PRODUCER.join(' ')}; latency ${LATENCY_PRODUCER.join(' ')}; kcat ${KCAT.join(' ')}`,
  );
  const file = recordsFile();
  try {
    for (const flush of CONFIG.flushes) await compare(flush, file.path);
  } finally {
    file.remove();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await bench();
