/** A SQL function of an application, as its module exports it. */
export interface SqlFunction {
  /** SQL types of the arguments, such as `INT NOT NULL`: an argument that may be NULL is refused then. */
  readonly arguments: readonly string[];
  /** SQL type of the result. */
  readonly returns: string;
  /**
   * Gets and gives: BOOLEAN boolean; TINYINT, SMALLINT, INT, FLOAT, DOUBLE number; BIGINT bigint; DECIMAL
   * its text; CHAR, VARCHAR, STRING string; BINARY, VARBINARY, BYTES Uint8Array; DATE '2026-01-31'; TIME
   * '12:30:00'; TIMESTAMP, TIMESTAMP_LTZ Date; NULL null. What it throws fails the job, with the place of
   * the call. The same arguments must give the same result.
   */
  readonly call: (...values: never[]) => unknown;
}

/** Declares a SQL function: `export const distance = defineFunction({ … })`, made known by CREATE FUNCTION. */
export function defineFunction(declared: SqlFunction): SqlFunction {
  return declared;
}
