import type { DataType } from '../core/types.ts';

/**
 * A scalar function of an application's. `call` gets and gives JavaScript values: BOOLEAN boolean; TINYINT, SMALLINT,
 * INT, FLOAT, DOUBLE number; BIGINT bigint; DECIMAL its text; strings string; binaries Uint8Array; DATE
 * `2026-01-31`; TIME `12:30:00`; TIMESTAMP and TIMESTAMP_LTZ Date; NULL null. What it throws fails the job.
 */
export interface ScalarFunction {
  /** Where it is declared: file and export. */
  readonly id: string;
  readonly parameters: readonly DataType[];
  readonly returns: DataType;
  readonly call: (...values: readonly unknown[]) => unknown;
}
