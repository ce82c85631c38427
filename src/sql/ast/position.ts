/** A place in the text of a script, both 1-based. Columns count UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A name with its place. */
export interface Identifier {
  readonly name: string;
  readonly at: Position;
}

/** A dotted name: `t`, `db.t`, `catalog.db.t`, a column with its qualifiers. */
export interface QualifiedName {
  readonly parts: readonly string[];
  readonly at: Position;
}
