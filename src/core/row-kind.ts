/** What a row of a changelog means, with Flink's byte values. */
export const RowKind = {
  insert: 0,
  updateBefore: 1,
  updateAfter: 2,
  delete: 3,
} as const;
export type RowKind = (typeof RowKind)[keyof typeof RowKind];

/** Flink's short names, indexed by RowKind. */
export const ROW_KIND_NAMES = ['+I', '-U', '+U', '-D'] as const;

/** True for the kinds that add a row (+I, +U), false for those that take one away (-U, -D). */
export function isAccumulate(kind: number): boolean {
  return kind === RowKind.insert || kind === RowKind.updateAfter;
}
