import { expect } from 'vitest';
import type { Acknowledged, Ending, Said, Seen } from './kill-workers.ts';

/**
 * Every acknowledged number lies once, where its acknowledgement said; numbers of a partition rise, so
 * nothing is doubled
 * or out of order.
 */
export function checkNumbers(what: string, seen: readonly Seen[], acknowledged: Acknowledged): void {
  const last = new Map<number, number>();
  const offsets = new Map<number, Map<number, number>>();
  for (const { partition, offset, value } of seen) {
    const n = Number(value);
    const before = last.get(partition) ?? -1;
    if (n <= before)
      expect.fail(`${what}: ${n} after ${before} at offset ${offset} of partition ${partition}`);
    last.set(partition, n);
    offsets.set(partition, (offsets.get(partition) ?? new Map<number, number>()).set(n, offset));
  }
  const wrong: string[] = [];
  for (const [partition, promised] of acknowledged.byPartition) {
    for (const [n, offset] of promised) {
      const found = offsets.get(partition)?.get(n);
      if (found !== offset) wrong.push(`${n} in ${partition}: promised at ${offset}, found at ${found}`);
    }
  }
  expect(wrong.slice(0, 20), `${what}: acknowledged and not there`).toEqual([]);
}

/**
 * A committed transaction is there once and whole and in order, an aborted one never, one nobody knows of
 * whole or not.
 */
export function checkTransactions(seen: readonly Seen[], endings: ReadonlyMap<number, Ending>): void {
  const found = new Map<number, string[]>();
  const last = new Map<number, number>();
  for (const { partition, offset, value } of seen) {
    const [k, i] = value.split('-').map(Number) as [number, number];
    const order = k * 10 + i;
    if (order <= (last.get(partition) ?? -1))
      expect.fail(`transaction ${value} is out of order at offset ${offset} of partition ${partition}`);
    last.set(partition, order);
    found.set(k, [...(found.get(k) ?? []), value]);
  }
  const wrong: string[] = [];
  for (const [k, ending] of endings) {
    const count = found.get(k)?.length ?? 0;
    const fine =
      ending === 'committed' ? count === 10 : ending === 'aborted' ? count === 0 : count % 10 === 0;
    if (!fine) wrong.push(`transaction ${k} ended ${ending}, and ${count} of its records are seen`);
  }
  expect(wrong.slice(0, 20)).toEqual([]);
  const strangers = [...found.keys()].filter(k => !endings.has(k));
  expect(strangers, 'transactions that never ended').toEqual([]);
}

/** Nobody is given again what the group has committed, and together the members were given all there is. */
export function checkGroup(said: readonly Said[], topics: ReadonlyMap<string, readonly Seen[]>): void {
  const committed = new Map<string, number>();
  const given = new Map<string, Set<number>>();
  for (const one of [...said].sort((a, b) => a.at - b.at)) {
    for (const [at, [first]] of Object.entries(one.received ?? {})) {
      const done = committed.get(at) ?? 0;
      if (first < done) expect.fail(`${one.member} was given ${first} of ${at}, committed up to ${done}`);
    }
    for (const [at, offset] of Object.entries(one.committed ?? {})) committed.set(at, offset);
    for (const [at, [first, last]] of Object.entries(one.received ?? {})) {
      const all = given.get(at) ?? new Set<number>();
      given.set(at, all);
      for (let offset = first; offset <= last; offset++) all.add(offset);
    }
  }
  for (const [topic, seen] of topics) {
    const missed = seen.filter(({ partition, offset }) => !given.get(`${topic}/${partition}`)?.has(offset));
    const shown = missed.slice(0, 10).map(({ partition, offset }) => `${topic}/${partition} ${offset}`);
    expect(shown, 'records that no member was given').toEqual([]);
  }
}
