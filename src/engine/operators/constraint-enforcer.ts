import {
  type Batch,
  BatchBuilder,
  type Column,
  copyCell,
  type DataType,
  MillraceError,
  putBytes,
  reserveRows,
  selectRows,
} from '../../core/mod.ts';
import type { ConstraintEnforcerNode } from '../../plan/mod.ts';
import type { Operator, OperatorContext } from './operator.ts';

/** Checks the rows of a sink: NULL where it may not be, and texts and binaries of another length. */
export function openConstraintEnforcer(node: ConstraintEnforcerNode, context: OperatorContext): Operator {
  const { output } = context;
  const notNull = notNullCheck(node);
  const lengths = lengthEnforcer(node);
  return {
    onBatch: batch => {
      const checked = lengths(notNull(batch));
      if (checked.selectionCount > 0) output.emit(checked);
    },
    onWatermark: ms => output.watermark(ms),
  };
}

function notNullCheck({ notNull, onNull, schema }: ConstraintEnforcerNode): (batch: Batch) => Batch {
  let selected = new Int32Array(0);
  return batch => {
    const checked = notNull.flatMap(c => {
      const { nulls } = batch.columns[c]!;
      return nulls === null ? [] : [{ c, nulls }];
    });
    if (checked.length === 0) return batch;
    const { selection, selectionCount } = batch;
    if (selected.length < selectionCount) selected = new Int32Array(selectionCount * 2);
    let n = 0;
    for (let k = 0; k < selectionCount; k++) {
      const row = selection === null ? k : selection[k]!;
      const wrong = checked.find(({ nulls }) => nulls[row] === 1);
      if (wrong === undefined) selected[n++] = row;
      else if (onNull === 'ERROR') throw nullWritten(schema.fields[wrong.c]!.name);
    }
    return n === selectionCount ? batch : selectRows(batch, selected, n);
  };
}

/** In Flink's words. */
function nullWritten(name: string): MillraceError {
  return new MillraceError(
    'EXPRESSION_FAILED',
    `Column '${name}' is NOT NULL, however, a null value is being written into it. You can set job configuration ` +
      "'table.exec.sink.not-null-enforcer'='DROP' to suppress this exception and drop such records silently.",
  );
}

/** Copies batches that hold a value of another length; others pass as they are. */
function lengthEnforcer({ lengths, schema }: ConstraintEnforcerNode): (batch: Batch) => Batch {
  if (lengths.length === 0) return batch => batch;
  const rules = new Map(lengths.map(c => [c, schema.fields[c]!.type]));
  const out = new BatchBuilder(schema);
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  const fitted = (bytes: Uint8Array, type: DataType): Uint8Array => {
    if (!('length' in type)) return bytes;
    if (type.kind === 'BINARY' || type.kind === 'VARBINARY') return fitBytes(bytes, type);
    return encoder.encode(fitText(decoder.decode(bytes), type));
  };
  return batch => {
    out.reset();
    out.reserve(batch.selectionCount);
    for (let k = 0; k < batch.selectionCount; k++) {
      const row = batch.selection === null ? k : batch.selection[k]!;
      out.columns.forEach((target, c) => {
        const source = batch.columns[c]!;
        const type = rules.get(c);
        copyCell(source, row, target, out.rowCount);
        if (type === undefined || isNull(source, row) || source.physical !== 'bytes') return;
        const start = source.offsets[row]!;
        const bytes = fitted(source.data.subarray(start, start + source.lengths[row]!), type);
        if (target.physical !== 'bytes') return;
        reserveRows(target, out.rowCount + 1);
        putBytes(target, out.rowCount, bytes, 0, bytes.length);
      });
      out.endRow(batch.rowKinds === null ? 0 : batch.rowKinds[row]!);
    }
    return out.build();
  };
}

const isNull = (column: Column, row: number): boolean => column.nulls !== null && column.nulls[row] === 1;

function fitText(text: string, type: DataType & { readonly length: number }): string {
  const points = Array.from(text);
  if (points.length > type.length) return points.slice(0, type.length).join('');
  return type.kind === 'CHAR' ? text + ' '.repeat(type.length - points.length) : text;
}

function fitBytes(bytes: Uint8Array, type: DataType & { readonly length: number }): Uint8Array {
  if (bytes.length > type.length) return bytes.subarray(0, type.length);
  if (type.kind !== 'BINARY' || bytes.length === type.length) return bytes;
  const padded = new Uint8Array(type.length);
  padded.set(bytes);
  return padded;
}
