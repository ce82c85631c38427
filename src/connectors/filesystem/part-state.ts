import type { RollingPolicy } from './options.ts';

/** A part file that still takes rows; hidden until it is published. */
export interface OpenPart {
  /** The partition's folder below the table's; empty without partitions. */
  readonly folder: string;
  readonly name: string;
  /** Bytes that count; what lies behind them was torn off by a crash. */
  readonly bytes: number;
  readonly openedMs: number;
  readonly lastMs: number;
}

/** What a sink has done, stored beside its files after each epoch. */
export interface PartState {
  readonly incarnation: string;
  /** What its parts' names begin with: another one for each writer of a folder. */
  readonly prefix: string;
  /** The last epoch whose rows are in the files; -1 before the first. */
  readonly epoch: number;
  /** Parts begun so far: the number of the next one. */
  readonly begun: number;
  readonly open: readonly OpenPart[];
  /** Parts that are complete and may not be visible yet. */
  readonly complete: readonly Pick<OpenPart, 'folder' | 'name'>[];
  /** Folders with published rows that are not marked as committed yet, and since when. */
  readonly uncommitted: readonly { readonly folder: string; readonly sinceMs: number }[];
}

/** Rows of an epoch for one folder. */
export interface StagedRows {
  readonly folder: string;
  readonly bytes: number;
}

export const noParts = (incarnation: string, prefix: string): PartState => ({
  incarnation,
  prefix,
  epoch: -1,
  begun: 0,
  open: [],
  complete: [],
  uncommitted: [],
});

/** The part that takes the rows of a folder, with the bytes it has before them. */
export interface Append {
  readonly part: OpenPart;
  readonly staged: StagedRows;
}

/** Which parts take an epoch's rows: open ones where they are, else new ones. */
export function planAppends(
  state: PartState,
  staged: readonly StagedRows[],
  nowMs: number,
): { readonly appends: readonly Append[]; readonly begun: number } {
  let { begun } = state;
  const appends = staged.map((rows): Append => {
    const known = state.open.find(part => part.folder === rows.folder);
    const fresh = (): OpenPart => ({
      folder: rows.folder,
      name: `${state.prefix}-${begun++}`,
      bytes: 0,
      openedMs: nowMs,
      lastMs: nowMs,
    });
    return { part: known ?? fresh(), staged: rows };
  });
  return { appends, begun };
}

/** Whether an open part is complete by now. */
export function isDue(part: OpenPart, policy: RollingPolicy, nowMs: number): boolean {
  return (
    part.bytes >= policy.fileBytes ||
    nowMs - part.openedMs >= policy.rolloverMs ||
    nowMs - part.lastMs >= policy.inactivityMs
  );
}

/**
 * The state once the rows of an epoch are in their parts: due parts become complete, all of them at the end
 * of the input. What the state before called complete is published by then.
 */
export function afterAppends(
  state: PartState,
  epoch: number,
  { appends, begun }: ReturnType<typeof planAppends>,
  {
    policy,
    nowMs,
    isEnd,
  }: { readonly policy: RollingPolicy; readonly nowMs: number; readonly isEnd: boolean },
): PartState {
  const written = appends.map(
    ({ part, staged }): OpenPart => ({ ...part, bytes: part.bytes + staged.bytes, lastMs: nowMs }),
  );
  const names = new Set(written.map(part => part.name));
  const all = [...state.open.filter(part => !names.has(part.name)), ...written];
  const [due, open] = [all.filter(p => isEnd || isDue(p, policy, nowMs)), [] as OpenPart[]];
  open.push(...all.filter(part => !due.includes(part)));
  const complete = due.map(({ folder, name }) => ({ folder, name }));
  const known = new Set(state.uncommitted.map(({ folder }) => folder));
  const fresh = [...new Set(complete.map(part => part.folder))].filter(folder => !known.has(folder));
  const uncommitted = [...state.uncommitted, ...fresh.map(folder => ({ folder, sinceMs: nowMs }))];
  return { ...state, epoch, begun, open, complete, uncommitted };
}
