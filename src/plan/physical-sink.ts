import type { NodeBase, PhysicalNode } from './physical.ts';

/**
 * Puts in order, per key of the sink, what updates of several rows of the input do to it: where the input's
 * own key is another one than the sink's, a row may leave a key after another has come.
 */
export interface SinkMaterializerNode extends NodeBase {
  readonly kind: 'sinkMaterializer';
  readonly input: PhysicalNode;
  /** The sink's primary key. */
  readonly keys: readonly number[];
  /** A key of the input, by which a row is replaced or found; null to go by the whole row. */
  readonly inputKey: readonly number[] | null;
}

/** Drops -U, for a consumer that knows a row by its key. */
export interface DropUpdateBeforeNode extends NodeBase {
  readonly kind: 'dropUpdateBefore';
  readonly input: PhysicalNode;
}

/** What a sink asks of its columns before a row is written. */
export interface ConstraintEnforcerNode extends NodeBase {
  readonly kind: 'constraintEnforcer';
  readonly input: PhysicalNode;
  /** Columns that may be NULL here and must not be in the table. */
  readonly notNull: readonly number[];
  /** What happens to a row with a NULL there: the job fails, or the row is left out. */
  readonly onNull: 'ERROR' | 'DROP';
  /** Columns of CHAR, VARCHAR, BINARY and VARBINARY that are cut and padded to their declared length. */
  readonly lengths: readonly number[];
}
