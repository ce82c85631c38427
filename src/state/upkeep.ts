/** From when on state is looked through for what it holds in vain. */
export interface Upkeep {
  /** Rows that are not worth looking through. */
  readonly rowsMin: number;
  /**
   * Bytes given up, or rows of arrays and maps, that are worth looking whether a column's cells should be
   * copied.
   */
  readonly droppedMin: number;
  /** What must be given up of a column, and be half of it, for its cells to be copied. */
  readonly garbageMin: number;
  /** Memory that cells were copied out of is overwritten at once, so that whoever still reads it shows. */
  readonly spoils: boolean;
}

/** What pays. */
export const UPKEEP: Upkeep = { rowsMin: 4096, droppedMin: 1 << 14, garbageMin: 65_536, spoils: false };
