import {
  BATCH_ROWS_MAX,
  type Batch,
  type Column,
  childColumns,
  childTypes,
  type DataType,
  eachOf,
  Gatherer,
  numbersOf,
  type Picked,
} from '../../core/mod.ts';
import type { UnnestNode } from '../../plan/mod.ts';
import type { Operator, OperatorContext } from './operator.ts';

/** A batch of results being collected: which row, which element of its collection, and its place. */
interface Picks {
  readonly rows: Int32Array;
  readonly elements: Int32Array;
  readonly places: Int32Array;
  /** 1 where a row has no element and stays without one. */
  readonly missing: Uint8Array;
  count: number;
  hasMissing: boolean;
}

/**
 * Each row once for each element. Cells are gathered from the input's columns and the collection's own: what
 * they point to is not copied.
 */
export function openUnnest(node: UnnestNode, context: OperatorContext): Operator {
  const { output } = context;
  const type = node.input.schema.fields[node.collection]!.type;
  const kinds = new Uint8Array(BATCH_ROWS_MAX);
  const picks: Picks = {
    rows: new Int32Array(BATCH_ROWS_MAX),
    elements: new Int32Array(BATCH_ROWS_MAX),
    places: new Int32Array(BATCH_ROWS_MAX),
    missing: new Uint8Array(BATCH_ROWS_MAX),
    count: 0,
    hasMissing: false,
  };
  const gatherers = node.schema.fields.map(f => new Gatherer(f.type));
  const emit = (batch: Batch, parts: readonly Column[]): void => {
    const { count } = picks;
    if (count === 0) return;
    const missing = picks.hasMissing ? picks.missing : null;
    const ofRow: Picked = { rows: picks.rows, first: 0, count, missing: null };
    const ofElement: Picked = { rows: picks.elements, first: 0, count, missing };
    const columns = eachOf(gatherers, (gatherer, c) => {
      const element = node.elements[c - node.kept.length];
      if (element === undefined) return gatherer.take(batch.columns[node.kept[c]!]!, ofRow);
      const part = parts[element];
      if (part !== undefined) return gatherer.take(part, ofElement);
      return numbersOf('i32', missing, picks.places);
    });
    let rowKinds: Uint8Array | null = null;
    if (batch.rowKinds !== null) {
      for (let k = 0; k < count; k++) kinds[k] = batch.rowKinds[picks.rows[k]!]!;
      rowKinds = kinds;
    }
    const { schema } = node;
    output.emit({ schema, rowCount: count, columns, rowKinds, selection: null, selectionCount: count });
    picks.count = 0;
    picks.hasMissing = false;
  };
  return {
    onBatch: batch => expand(batch, batch.columns[node.collection]!, type, node.outer, picks, emit),
    onWatermark: ms => output.watermark(ms),
  };
}

/** Walks the elements of every live row; `emit` takes what is picked whenever it fills a batch. */
function expand(
  batch: Batch,
  collection: Column,
  type: DataType,
  outer: boolean,
  picks: Picks,
  emit: (batch: Batch, parts: readonly Column[]) => void,
): void {
  if (collection.physical !== 'list' && collection.physical !== 'map') return;
  const counts = type.kind === 'MULTISET' && collection.physical === 'map' ? collection.values : null;
  const parts = partsOf(collection, type);
  const pick = (row: number, element: number, place: number): void => {
    const k = picks.count++;
    picks.rows[k] = row;
    picks.elements[k] = element;
    picks.places[k] = place;
    picks.missing[k] = place === 0 ? 1 : 0;
    if (place === 0) picks.hasMissing = true;
    if (picks.count === BATCH_ROWS_MAX) emit(batch, parts);
  };
  const { nulls, offsets, lengths } = collection;
  const { selection, selectionCount } = batch;
  for (let k = 0; k < selectionCount; k++) {
    const row = selection === null ? k : selection[k]!;
    const length = nulls !== null && nulls[row] === 1 ? 0 : lengths[row]!;
    let place = 0;
    for (let i = 0; i < length; i++) {
      const element = offsets[row]! + i;
      const times = counts === null ? 1 : (counts as { values: Int32Array }).values[element]!;
      for (let n = 0; n < times; n++) pick(row, element, ++place);
    }
    // The index of a missing element is never looked at; 0 is valid where there is any element at all.
    if (place === 0 && outer) pick(row, 0, 0);
  }
  emit(batch, parts);
}

/** The columns of an element, in the order of `UnnestNode.elements`. */
function partsOf(collection: Column, type: DataType): readonly Column[] {
  const inner = childColumns(collection);
  if (type.kind === 'MAP') return inner;
  const [element] = inner;
  return childTypes(type)[0]!.kind === 'ROW' ? childColumns(element!) : [element!];
}
