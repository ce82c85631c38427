/** A row that could not be stored, as it is kept in the dead-letter topic. */
export interface DeadLetter {
  readonly file: string;
  readonly line: number | null;
  readonly reason: string;
  readonly text: string;
}

/** Where replayed rows go. Each call is stored once, also when it had to be repeated. */
export interface Target {
  /** Stores rows in order; answers those that were refused one by one. */
  write(rows: readonly Readonly<Record<string, unknown>>[]): Promise<readonly DeadLetter[]>;
  deadLetter(letters: readonly DeadLetter[]): Promise<void>;
  close(): Promise<void>;
}
