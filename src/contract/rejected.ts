/** A record that could not be decoded: what `<topic>.dlq` holds, with the reason and where it came from. */
export interface RejectedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly reason: string;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

/** A row that a table can't hold: what `<job>.dlq` holds, with the reason and the row as JSON. */
export interface RejectedRow {
  readonly reason: string;
  readonly value: Uint8Array;
}
