import { type Batch, RowKind } from '../../core/mod.ts';
import type { JoinNode } from '../../plan/mod.ts';
import type { PairFilter } from '../codegen/mod.ts';
import { Candidates } from './join-candidates.ts';
import type { JoinOutput } from './join-output.ts';
import type { JoinSide } from './join-side.ts';

/** A row that takes the place of kept row `replaced` of its side, and its partners among the other side's rows. */
export interface Replacing {
  readonly batch: Batch;
  readonly row: number;
  readonly kind: number;
  readonly replaced: number;
  readonly partners: Int32Array;
  readonly own: JoinSide;
  readonly other: JoinSide;
  readonly fromLeft: boolean;
}

/**
 * Updates that come without the row they replace, in a join with a condition beside its keys: partners that
 * the row before had and this one has not are taken back.
 */
export class JoinReplacing {
  readonly #holds: PairFilter;
  readonly #out: JoinOutput;
  readonly #semi: boolean;
  readonly #half: boolean;
  readonly #candidates = new Candidates();

  constructor(joinType: JoinNode['joinType'], holds: PairFilter, out: JoinOutput) {
    this.#holds = holds;
    this.#out = out;
    this.#semi = joinType === 'SEMI';
    this.#half = joinType === 'SEMI' || joinType === 'ANTI';
  }

  /** Sends what the row changes; the caller keeps it then. */
  send(change: Replacing): void {
    const before = this.#partnersBefore(change);
    const now = new Set(change.partners);
    const gone = [...before].filter(id => !now.has(id));
    if (!this.#half) this.#pairs(change, before, gone);
    else if (change.fromLeft) this.#leftHalf(change, before.size > 0);
    else this.#rightHalf(change, before, gone);
  }

  #partnersBefore({ own, other, replaced, fromLeft }: Replacing): Set<number> {
    const candidates = this.#candidates;
    const kept = own.kept(replaced);
    candidates.collect(kept, own.keysOf(kept), 0, other);
    candidates.filter(this.#holds, kept.columns, other.rows.columns, fromLeft, 1);
    return new Set(candidates.ids.subarray(0, candidates.count));
  }

  /** What `tell` sends goes beside the row before instead of the one that came. */
  #ofRowBefore({ batch, own, other, fromLeft }: Replacing, tell: () => void): void {
    this.#out.flush();
    this.#out.begin(own.rows.columns, other.rows.columns, fromLeft);
    tell();
    this.#out.flush();
    this.#out.begin(batch.columns, other.rows.columns, fromLeft);
  }

  #leftHalf(change: Replacing, hadPartners: boolean): void {
    const { kind, row, replaced, partners } = change;
    const passed = hadPartners === this.#semi;
    if (partners.length > 0 === this.#semi) this.#out.pair(passed ? kind : RowKind.insert, row, 0);
    else if (passed) {
      this.#ofRowBefore(change, () => this.#out.pair(RowKind.delete, replaced, 0));
    }
  }

  #rightHalf({ partners, other }: Replacing, before: Set<number>, gone: readonly number[]): void {
    const { matches } = other;
    for (const id of gone) {
      matches[id]! -= 1;
      if (matches[id] === 0) this.#copies(other, this.#semi ? RowKind.delete : RowKind.insert, -1, id);
    }
    for (const id of partners) {
      if (before.has(id)) continue;
      matches[id]! += 1;
      if (matches[id] === 1) this.#copies(other, this.#semi ? RowKind.insert : RowKind.delete, -1, id);
    }
  }

  #pairs(change: Replacing, before: Set<number>, gone: readonly number[]): void {
    const { row, replaced, partners, own, other } = change;
    const padded = own.outer && before.size === 0 && partners.length > 0;
    if (padded || gone.length > 0) {
      this.#ofRowBefore(change, () => {
        if (padded) this.#out.pair(RowKind.delete, replaced, 0);
        for (const id of gone) this.#leave(other, replaced, id);
      });
    }
    const kind = own.outer || other.outer ? RowKind.insert : change.kind;
    if (own.outer && partners.length === 0) this.#out.pair(kind, row, 0);
    for (const id of partners) {
      if (other.outer && !before.has(id)) this.#meet(other, id);
      this.#copies(other, before.has(id) ? kind : RowKind.insert, row, id);
    }
  }

  /** The row before is no partner of `id` any more. */
  #leave(other: JoinSide, replaced: number, id: number): void {
    this.#copies(other, RowKind.delete, replaced, id);
    if (!other.outer) return;
    other.matches[id]! -= 1;
    if (other.matches[id] === 0) this.#copies(other, RowKind.insert, -1, id);
  }

  /** Row `id` gets a partner. */
  #meet(other: JoinSide, id: number): void {
    if (other.matches[id] === 0) this.#copies(other, RowKind.delete, -1, id);
    other.matches[id]! += 1;
  }

  #copies({ counts }: JoinSide, kind: number, row: number, id: number): void {
    const count = counts === null ? 1 : counts[id]!;
    for (let c = 0; c < count; c++) this.#out.pair(kind, row, id);
  }
}
