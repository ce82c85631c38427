import {
  assert,
  type Batch,
  type DataType,
  parseDecimal,
  printDecimal,
  ROW_KIND_NAMES,
  RowKind,
  type RowValue,
} from '../../src/core/mod.ts';
import { sessionOf } from '../../src/engine/codegen/mod.ts';
import { parseTimestamp, printTimestamp } from '../../src/engine/codegen/runtime/time-text.ts';
import { buildGraph, type Graph } from '../../src/engine/graph.ts';
import { MAX_WATERMARK } from '../../src/engine/operators/mod.ts';
import { Catalog, type Options, type PhysicalNode, planQuery, planScript } from '../../src/plan/mod.ts';
import { batchOf, type Row, rowsOf } from '../unit/engine/harness.ts';

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
  graph: Graph;
  readonly changes: Row[];
  asked: number;
  saved: ReadonlyMap<number, Uint8Array>;
  savedChanges: number;
}

/**
 * Runs a streaming test file. Records:
 * - `statement ok` and `statement error <regex>`: SQL that declares.
 * - `answer`: a statement such as SHOW, and below `----` what it answers.
 * - `view <name>`: a SELECT that runs from here on.
 * - `rows <table>`: `+I a | 1 | 2026-01-01 00:00:00` and so on, in the order of the table's columns.
 * - `end <table>`: its input is at its end.
 * - `clock <timestamp>`: processing time, 1970 before the first.
 * - `query <view>`: the accumulated rows, sorted; `changelog <view>`: the changes since the last one.
 * - `checkpoint`, `crash`: save; lose all since, and go on from what was saved.
 * With `crashing`, each `rows` is lost once to a crash, and sent again after the restore.
 */
export async function runSlt(text: string, crashing: boolean): Promise<void> {
  const run = new SltRun();
  for (const record of recordsOf(text)) {
    try {
      if (crashing && record.head.startsWith('rows')) {
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

class SltRun {
  readonly #catalog = new Catalog();
  readonly #views = new Map<string, View>();
  /** What SET has said so far. */
  #options: Options = {};
  #nowMs = 0;

  async run(record: SltRecord): Promise<void> {
    this.#act(record);
    for (const { graph } of this.#views.values()) await graph.drain?.();
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
      case 'answer':
        same(this.#answer(body), expected);
        return;
      case 'rows':
        this.#send(name, body.split('\n'));
        return;
      case 'end':
        this.#each(name, port => {
          for (const w of port.watermarks) w.splitEnded('0');
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
        same(this.#changelog(name), expected);
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
    for (const { graph } of this.#views.values()) graph.onProcessingTime(time.millis);
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

  /** The lines of what a statement such as SHOW answers. */
  #answer(sql: string): string[] {
    const { answers } = planScript(sql, this.#catalog, this.#options);
    const cell = (value: string | boolean | null) =>
      value === null ? 'NULL' : typeof value === 'boolean' ? String(value).toUpperCase() : value.trimEnd();
    return answers.flatMap(({ rows }) => rows.flatMap(row => row.map(cell).join(' | ').split('\n')));
  }

  #open(root: PhysicalNode): View {
    const view = { root, changes: [], asked: 0, saved: new Map(), savedChanges: 0 } as Omit<View, 'graph'>;
    return Object.assign(view, { graph: this.#build(root, view.changes) });
  }

  #build(root: PhysicalNode, changes: Row[]): Graph {
    const into = { onBatch: (batch: Batch) => changes.push(...rowsOf(batch)), onWatermark: () => undefined };
    const options = { session: sessionOf(this.#options, () => this.#nowMs), onLate: () => undefined };
    const graph = buildGraph([{ node: root, into: into as never }], options);
    for (const port of graph.scans) for (const w of port.watermarks) w.addSplit('0');
    return graph;
  }

  #each(table: string, act: (port: Graph['scans'][number]) => void): void {
    for (const { graph } of this.#views.values()) {
      for (const port of graph.scans) if (port.node.table.name === table) act(port);
    }
  }

  #send(table: string, lines: readonly string[]): void {
    this.#each(table, port => {
      const { physicalSchema } = port.node.table;
      const rows = lines.map((line): Row => {
        const kind = ROW_KIND_NAMES.indexOf(line.slice(0, 2) as '+I');
        const cells = line.slice(3).split('|');
        assert(kind >= 0 && cells.length === physicalSchema.fields.length, `a row of the table: ${line}`);
        return [
          kind,
          ...port.node.projection.map(c => parseCell(cells[c]!.trim(), physicalSchema.fields[c]!.type)),
        ];
      });
      for (const w of port.watermarks) w.setSplit('0');
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

  /** Also checks that nothing is taken back that is not there. */
  #query(name: string): string[] {
    const view = this.#view(name);
    const rows: string[] = [];
    for (const [kind, ...values] of view.changes) {
      const text = this.#print(view, values);
      if (kind === RowKind.insert || kind === RowKind.updateAfter) rows.push(text);
      else {
        const at = rows.indexOf(text);
        if (at < 0) throw new Error(`${ROW_KIND_NAMES[kind]} without its row: ${text}`);
        rows.splice(at, 1);
      }
    }
    return rows.sort();
  }

  #changelog(name: string): string[] {
    const view = this.#view(name);
    const news = view.changes.slice(view.asked);
    view.asked = view.changes.length;
    return news.map(([kind, ...values]) => `${ROW_KIND_NAMES[kind]} ${this.#print(view, values)}`);
  }

  checkpoint(): void {
    for (const view of this.#views.values()) {
      view.saved = new Map([...view.graph.nodes].map(([id, node]) => [id, node.state.snapshot()]));
      view.savedChanges = view.changes.length;
    }
  }

  crash(): void {
    for (const view of this.#views.values()) {
      view.changes.length = view.savedChanges;
      view.graph = this.#build(view.root, view.changes);
      for (const [id, bytes] of view.saved) view.graph.nodes.get(id)!.state.restore(bytes);
    }
  }
}

function same(got: readonly string[], expected: readonly string[]): void {
  if (got.join('\n') === expected.join('\n')) return;
  throw new Error(`got\n${got.join('\n')}\nexpected\n${expected.join('\n')}`);
}

function parseCell(text: string, type: DataType): RowValue {
  if (text === 'NULL') return null;
  switch (type.kind) {
    case 'BOOLEAN':
      return text === 'TRUE';
    case 'BIGINT':
      return BigInt(text);
    case 'DECIMAL':
      return parseDecimal(text, type.precision, type.scale);
    case 'CHAR':
    case 'VARCHAR':
      return text;
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return parseTimestamp(text);
    default:
      return Number(text);
  }
}

function printCell(value: RowValue, type: DataType): string {
  if (value === null) return 'NULL';
  if (type.kind === 'DECIMAL') return printDecimal(value as bigint, type.scale);
  if (type.kind === 'BOOLEAN') return value === true ? 'TRUE' : 'FALSE';
  if (type.kind !== 'TIMESTAMP' && type.kind !== 'TIMESTAMP_LTZ') return String(value);
  const { millis, nanos } = value as { millis: number; nanos: number };
  return printTimestamp(millis, nanos, type.precision);
}
