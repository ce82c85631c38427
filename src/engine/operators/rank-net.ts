import { RowKind } from '../../core/mod.ts';
import type { RankNode } from '../../plan/mod.ts';
import type { RowLists } from '../../state/mod.ts';
import type { RankWriter } from './rank-writer.ts';

/** What a mini-batch changes: each touched partition's ranked rows before and after. */
export class NetChanges {
  readonly #node: RankNode;
  readonly #lists: RowLists;
  readonly #writer: RankWriter;
  /** By key: the number of the mini-batch that touched it last. */
  #touchedBy = new Int32Array(16);
  #batch = 1;
  readonly #keys: number[] = [];
  /** Ranked rows of the touched keys before, one key's behind the other's. */
  #before: number[] = [];
  readonly #ends: number[] = [];
  readonly #gone: number[] = [];
  /** By row: the number of the mini-batch that added it. */
  #addedBy = new Int32Array(16);
  /** By row: the last round in which it was seen. */
  #seen = new Int32Array(16);
  #round = 0;

  constructor(node: RankNode, lists: RowLists, writer: RankWriter) {
    this.#node = node;
    this.#lists = lists;
    this.#writer = writer;
  }

  /** A key is about to change. */
  touch(key: number): void {
    if (key >= this.#touchedBy.length) this.#touchedBy = grown(this.#touchedBy, key * 2);
    if (this.#touchedBy[key] === this.#batch) return;
    this.#touchedBy[key] = this.#batch;
    this.#keys.push(key);
    this.#ranked(key, this.#before);
    this.#ends.push(this.#before.length);
  }

  /** A row was added to its list. */
  added(id: number): void {
    if (id >= this.#addedBy.length) this.#addedBy = grown(this.#addedBy, id * 2);
    this.#addedBy[id] = this.#batch;
  }

  /** Whether a row was added in this mini-batch. */
  isAdded(id: number): boolean {
    return id < this.#addedBy.length && this.#addedBy[id] === this.#batch;
  }

  /** Take a row out of its list. The cells of one that was there before are still wanted. */
  remove(id: number): void {
    this.#lists.detach(id);
    if (this.isAdded(id)) this.#lists.rows.release(id);
    else this.#gone.push(id);
  }

  #ranked(key: number, into: number[]): void {
    const { from, to } = this.#node;
    const { next } = this.#lists;
    let id = this.#lists.first(key);
    for (let rank = 1; id !== 0 && rank <= to; rank++) {
      if (rank >= from) into.push(id);
      id = next[id]!;
    }
  }

  /** Send the changes of all touched keys, and forget the rows that went. */
  send(): void {
    if (this.#seen.length < this.#lists.rows.live.length) {
      this.#seen = new Int32Array(this.#lists.rows.live.length * 2);
    }
    const after: number[] = [];
    let start = 0;
    this.#keys.forEach((key, k) => {
      const end = this.#ends[k]!;
      after.length = 0;
      this.#ranked(key, after);
      if (this.#node.withRank) this.#byRank(start, end, after);
      else this.#bySet(start, end, after);
      start = end;
    });
    this.#writer.flush();
    for (const id of this.#gone) this.#lists.rows.release(id);
    this.#keys.length = this.#ends.length = this.#gone.length = 0;
    this.#before = [];
    this.#batch++;
  }

  #byRank(start: number, end: number, after: readonly number[]): void {
    const { from } = this.#node;
    const count = Math.max(end - start, after.length);
    for (let i = 0; i < count; i++) {
      const before = start + i < end ? this.#before[start + i]! : 0;
      const now = after[i] ?? 0;
      if (before === now) continue;
      if (before !== 0) {
        this.#writer.send(now === 0 ? RowKind.delete : RowKind.updateBefore, before, from + i);
      }
      if (now !== 0) this.#writer.send(before === 0 ? RowKind.insert : RowKind.updateAfter, now, from + i);
    }
  }

  #bySet(start: number, end: number, after: readonly number[]): void {
    const seen = this.#seen;
    const round = ++this.#round;
    for (const id of after) seen[id] = round;
    for (let i = start; i < end; i++) {
      const id = this.#before[i]!;
      if (seen[id] === round) seen[id] = 0;
      else this.#writer.send(RowKind.delete, id, 0);
    }
    for (const id of after) if (seen[id] === round) this.#writer.send(RowKind.insert, id, 0);
  }
}

function grown(from: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(length);
  to.set(from);
  return to;
}
