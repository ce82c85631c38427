/** Rows of a sink or of its recomputation in short. */
export interface TableDigest {
  readonly rows: number;
  /** Of all columns of all rows, whatever their order. */
  readonly hash: string;
}

/** A row that differs, as JSON; null where there is none. */
export interface Difference {
  readonly key: string;
  readonly expected: string | null;
  readonly found: string | null;
}

export interface SinkReport {
  readonly sink: string;
  readonly expected: TableDigest;
  readonly found: TableDigest;
  /** The first ones. */
  readonly differences: readonly Difference[];
  readonly moreDifferences: number;
}

/** What `validate` found. */
export interface ValidationReport {
  readonly app: string;
  readonly equal: boolean;
  /** The position in the write-ahead log that both sides are of. */
  readonly lsn: string;
  readonly tookMs: number;
  readonly sinks: readonly SinkReport[];
  readonly jobs: readonly { readonly name: string; readonly late: number; readonly deadLettered: number }[];
}
