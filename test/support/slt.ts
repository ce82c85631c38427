import { assert, type Batch, copyBatch, ROW_KIND_NAMES, type RowValue } from '../../src/core/mod.ts';
import { sessionOf } from '../../src/engine/codegen/mod.ts';
import { parseTimestamp } from '../../src/engine/codegen/runtime/time-text.ts';
import { buildGraph, type Graph, type ScanPort, type TaskPlace } from '../../src/engine/graph.ts';
import { restoreGraph, type SavedGraph } from '../../src/engine/job/restore-graph.ts';
import { MAX_WATERMARK, runValues } from '../../src/engine/operators/mod.ts';
import { Catalog, type Options, type PhysicalNode, planQuery, planScript } from '../../src/plan/mod.ts';
import { batchOf, type Row, rowsOf } from '../unit/engine/harness.ts';
import { watchChangelog } from './changelog-invariants.ts';
import { EAGER } from './eager-upkeep.ts';
import { answerLines, countedRows, upsertedRows } from './slt-accumulate.ts';
import { parseCell, printCell } from './slt-cells.ts';
import { functionById, functionLibrary } from './slt-functions.ts';
import { LookupTables } from './slt-lookup.ts';
import { scanned } from './slt-nested.ts';
import { saveGraph, shuffle } from './slt-tasks.ts';

/** One record of a file: its words, the lines below, and what is expected behind `----`. */
interface SltRecord {
  readonly line: number;
  readonly head: string;
  readonly body: string;
  readonly expected: readonly string[];
}

function recordsOf(text: string): SltRecord[] {
  const records: SltRecord[] = [];
  let line = 1;
  for (const block of text.trimEnd().split(/\n{2,}/)) {
    const lines = block.split('\n').filter(l => !l.startsWith('#'));
    const head = lines.shift()?.trim() ?? '';
    const bar = lines.indexOf('----');
    const body = (bar < 0 ? lines : lines.slice(0, bar)).join('\n');
    if (head !== '') records.push({ line, head, body, expected: bar < 0 ? [] : lines.slice(bar + 1) });
    line += block.split('\n').length + 1;
  }
  return records;
}

/** A running view: the changes so far, and those since they were last asked for. */
interface View {
  readonly root: PhysicalNode;
  /** In force when it was opened. */
  readonly options: Options;
  /** The key a sink knows its rows by; null to count whole rows. */
  readonly key: readonly number[] | null;
  /** One a task. */
  graphs: readonly Graph[];
  readonly changes: Row[];
  asked: number;
  /** What each task saved. */
  saved: readonly SavedGraph[];
  savedChanges: number;
}

/** How a file is run. */
export interface SltMode {
  /** Each `rows` is lost once to a crash, and sent again after the restore. */
  readonly crashing?: boolean;
  /** Tasks at the start and, in turn, after each crash. */
  readonly parallelism?: readonly number[];
  /** Rows of a delivery: several come before mini-batches end. */
  readonly deliveryRows?: number;
  /** Rows come from two splits by turns, those of a primary key from one. */
  readonly shuffled?: boolean;
}

/**
 * Runs a streaming test file. Records:
 * - `statement ok` and `statement error <regex>`: SQL that declares.
 * - `sink <name>`: an INSERT; the changes its table would get, by its primary key.
 * - `answer`: a statement such as SHOW, and below `----` what it answers.
 * - `view <name>`: a SELECT that runs from here on.
 * - `rows <table>`: `+I a | 1 | 2026-01-01 00:00:00` and so on, in the order of the table's columns.
 * - `end <table>`: its input is at its end.
 * - `lookup <table>`: what a table that is asked by key holds from here on, a line a row.
 * - `clock <timestamp>`: processing time, 1970 before the first; sources may turn idle.
 * - `query <view>`: the accumulated rows, sorted; `changelog <view>`: the changes since the last one.
 * - `checkpoint`, `crash`: save; lose all since, and go on from what was saved.
 * At another parallelism a changelog's rows may come in another order. A file with a line `# arrival order
 * matters` is not run shuffled.
 */
export async function runSlt(text: string, mode: SltMode): Promise<void> {
  const run = new SltRun(mode);
  for (const record of recordsOf(text)) {
    try {
      if (mode.crashing === true && record.head.startsWith('rows')) {
        run.checkpoint();
        await run.run(record);
        run.crash();
      }
      await run.run(record);
    } catch (cause) {
      throw new Error(`line ${record.line}: ${record.head}: ${(cause as Error).message}`, { cause });
    }
  }
}

/** Nothing asked, nothing saved. */
const FRESH = { asked: 0, saved: [], savedChanges: 0 };

class SltRun {
  readonly #catalog = Catalog.withFunctions(functionLibrary);
  readonly #views = new Map<string, View>();
  readonly #lookups = new LookupTables();
  /** What SET has said so far. */
  #options: Options = {};
  readonly #mode: SltMode;
  #nowMs = 0;
  #crashes = 0;

  constructor(mode: SltMode) {
    this.#mode = mode;
  }

  get #parallelism(): number {
    const { parallelism = [1] } = this.#mode;
    return parallelism[this.#crashes % parallelism.length]!;
  }

  async run(record: SltRecord): Promise<void> {
    this.#act(record);
    for (const { graphs } of this.#views.values()) {
      // What one task finishes another may have to go on with, an exchange further down.
      for (let hop = 0; hop <= graphs[0]!.exchanges.size; hop++) {
        for (const graph of graphs) {
          graph.finish?.();
          await graph.drain?.();
        }
      }
    }
  }

  #act({ head, body, expected }: SltRecord): void {
    const [word, name = '', ...rest] = head.split(' ');
    switch (word) {
      case 'statement':
        this.#statement(body, name === 'ok' ? null : new RegExp(rest.join(' ')));
        return;
      case 'view':
        this.#views.set(name, this.#open(planQuery(body, this.#catalog, this.#options).root));
        return;
      case 'sink':
        this.#views.set(name, this.#openSink(body));
        return;
      case 'answer':
        same(this.#answer(body), expected);
        return;
      case 'lookup':
        this.#lookups.set(name, body === '' ? [] : body.split('\n'));
        return;
      case 'rows':
        // Deliveries that follow each other find the same mini-batch.
        for (const delivery of body.split('\n---\n')) this.#send(name, delivery.split('\n'));
        return;
      case 'end':
        this.#each(name, (port, splits) => {
          for (const id of splits) for (const w of port.watermarks) w.splitEnded(id);
          port.output.watermark(MAX_WATERMARK);
        });
        return;
      case 'clock':
        this.#setClock([name, ...rest].join(' '));
        return;
      case 'query':
        same(this.#query(name), [...expected].sort());
        return;
      case 'changelog':
        this.#checkChangelog(name, expected);
        return;
      case 'checkpoint':
        this.checkpoint();
        return;
      case 'crash':
        this.crash();
        return;
      default:
        throw new Error(`unknown record ${word}`);
    }
  }

  #setClock(text: string): void {
    const time = parseTimestamp(text);
    assert(time !== null, `a timestamp: ${text}`);
    this.#nowMs = time.millis;
    for (const graph of this.#graphs()) {
      for (const { watermarks } of graph.scans) for (const w of watermarks) w.onTime();
      graph.onProcessingTime(time.millis);
    }
  }

  #statement(sql: string, error: RegExp | null): void {
    let failure: Error | null = null;
    try {
      const { queries, options } = planScript(sql, this.#catalog, this.#options);
      this.#options = options;
      for (const { root } of queries) this.#open(root);
    } catch (thrown) {
      failure = thrown as Error;
    }
    if (error === null && failure !== null) throw failure;
    if (error !== null && failure === null) throw new Error(`no error, expected ${error}`);
    if (error !== null && !error.test(failure!.message)) throw failure!;
  }

  /** What a statement such as SHOW answers. */
  #answer(sql: string): string[] {
    return answerLines(planScript(sql, this.#catalog, this.#options).answers);
  }

  /** The input of an INSERT's sink, as the sink would take it. */
  #openSink(sql: string): View {
    const { plan, options } = planScript(sql, this.#catalog, this.#options);
    this.#options = options;
    const [sink] = plan.sinks;
    assert(sink !== undefined, 'a sink record holds an INSERT');
    const { primaryKey } = sink.table;
    return this.#open(sink.input, primaryKey.length === 0 ? null : primaryKey);
  }

  #open(root: PhysicalNode, key: View['key'] = null): View {
    const view: View = { root, key, options: this.#options, graphs: [], changes: [], ...FRESH };
    view.graphs = this.#build(view);
    for (const graph of view.graphs) graph.resume();
    for (const graph of view.graphs) {
      for (const { node, context } of graph.values) {
        if (graph === view.graphs[0]) runValues(node, context);
        else context.output.watermark(MAX_WATERMARK);
      }
    }
    return view;
  }

  #build({ root, changes, options: set }: View): readonly Graph[] {
    const into = { onBatch: (batch: Batch) => changes.push(...rowsOf(batch)), onWatermark: () => undefined };
    const parallelism = this.#parallelism;
    const options = {
      session: sessionOf(set, () => this.#nowMs, undefined, functionById),
      onLate: () => undefined,
      lookups: this.#lookups,
      upkeep: EAGER,
      // What a node has emitted before a crash is not known afterwards.
      ...(parallelism === 1 &&
        this.#mode.crashing !== true &&
        this.#crashes === 0 && { observe: watchChangelog }),
    };
    const graphs = Array.from({ length: parallelism }, (_, task) => {
      const send: TaskPlace['send'] = (exchange, target, message) => {
        const port = graphs[target]!.exchanges.get(exchange)!;
        if (message.kind === 'batch') port.rows(copyBatch(message.batch));
        else if (message.kind === 'watermark') port.watermark(task, message.ms);
        else if (message.kind === 'idle') port.idle(task, message.isIdle);
      };
      const place =
        parallelism === 1 ? {} : { place: { task, parallelism, forward: new Set<number>(), send } };
      return buildGraph([{ node: root, into: into as never }], { ...options, ...place });
    });
    graphs.forEach((graph, task) => {
      for (const port of graph.scans) {
        for (const id of this.#splitsOf(port, task)) for (const w of port.watermarks) w.addSplit(id);
      }
    });
    return graphs;
  }

  /** The splits of a scan that a task reads: each goes to one task, another for each scan. */
  #splitsOf(port: ScanPort, task: number): readonly string[] {
    const splits = this.#mode.shuffled === true ? ['0', '1'] : ['0'];
    return splits.filter((_, k) => (port.node.id + k) % this.#parallelism === task);
  }

  #graphs(): readonly Graph[] {
    return [...this.#views.values()].flatMap(view => view.graphs);
  }

  #each(table: string, act: (port: ScanPort, splits: readonly string[]) => void): void {
    for (const { graphs } of this.#views.values()) {
      graphs.forEach((graph, task) => {
        for (const port of graph.scans) {
          const splits = this.#splitsOf(port, task);
          if (port.node.table.name === table && splits.length > 0) act(port, splits);
        }
      });
    }
  }

  #send(table: string, lines: readonly string[]): void {
    const shares = this.#mode.shuffled === true ? shuffle(lines) : [{ split: '0', lines }];
    const { deliveryRows = Number.POSITIVE_INFINITY } = this.#mode;
    for (const share of shares) {
      for (let from = 0; from < share.lines.length; from += deliveryRows) {
        this.#sendTo(table, share.split, share.lines.slice(from, from + deliveryRows));
      }
    }
  }

  #sendTo(table: string, split: string, lines: readonly string[]): void {
    this.#each(table, (port, splits) => {
      if (!splits.includes(split)) return;
      const { physicalSchema } = port.node.table;
      const rows = lines.map((line): Row => {
        const kind = ROW_KIND_NAMES.indexOf(line.slice(0, 2) as '+I');
        const cells = line.slice(3).split('|');
        const stored = physicalSchema.fields.filter(f => f.path === undefined);
        assert(kind >= 0 && cells.length === stored.length, `a row of the table: ${line}`);
        const values = stored.map((f, c) => parseCell(cells[c]!.trim(), f.type));
        return [kind, ...port.node.projection.map(c => scanned(physicalSchema.fields[c]!, stored, values))];
      });
      for (const w of port.watermarks) w.setSplit(split);
      port.output.emit(batchOf(port.node.schema, rows));
    });
  }

  #view(name: string): View {
    const view = this.#views.get(name);
    if (view === undefined) throw new Error(`no view ${name}`);
    return view;
  }

  #print({ root }: View, row: readonly RowValue[]): string {
    return row.map((value, c) => printCell(value, root.schema.fields[c]!.type)).join(' | ');
  }

  /** The rows that the view's changes come to. */
  #query(name: string): string[] {
    const view = this.#view(name);
    const print = (row: readonly RowValue[]): string => this.#print(view, row);
    return view.key === null ? countedRows(view.changes, print) : upsertedRows(view.changes, view.key, print);
  }

  #checkChangelog(name: string, expected: readonly string[]): void {
    const changes = this.#changelog(name);
    if (this.#mode.shuffled === true) return;
    if (this.#parallelism === 1) same(changes, expected);
    else same(changes.sort(), [...expected].sort());
  }

  #changelog(name: string): string[] {
    const view = this.#view(name);
    const news = view.changes.slice(view.asked);
    view.asked = view.changes.length;
    return news.map(([kind, ...values]) => `${ROW_KIND_NAMES[kind]} ${this.#print(view, values)}`);
  }

  checkpoint(): void {
    for (const view of this.#views.values()) {
      view.saved = view.graphs.map(saveGraph);
      view.savedChanges = view.changes.length;
    }
  }

  crash(): void {
    this.#crashes++;
    for (const view of this.#views.values()) {
      view.changes.length = view.savedChanges;
      view.graphs = this.#build(view);
      const parallelism = view.graphs.length;
      const own = view.saved.length === parallelism;
      view.graphs.forEach((graph, task) => {
        const images = own ? [view.saved[task]!] : view.saved;
        restoreGraph(graph, { restore: { own, images }, task, parallelism });
      });
      for (const graph of view.graphs) graph.resume();
      for (const { values } of view.graphs) {
        for (const { context } of values) context.output.watermark(MAX_WATERMARK);
      }
    }
  }
}

function same(got: readonly string[], expected: readonly string[]): void {
  if (got.join('\n') === expected.join('\n')) return;
  throw new Error(`got\n${got.join('\n')}\nexpected\n${expected.join('\n')}`);
}
