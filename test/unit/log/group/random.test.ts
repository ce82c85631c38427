import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Groups, JoinAnswer, SyncAnswer } from '../../../../src/log/mod.ts';
import { groupWorld, joinRequest, settle } from '../../../support/group-world.ts';

/**
 * Clients as Kafka's are, but with chance for a timetable: they join, sync, beat, leave, fall silent and lose
 * answers. Whatever they do: generations only grow; a generation has one leader, who knows all its members;
 * and every member gets the work that the leader of its own generation meant for it.
 */
class Client {
  readonly #groups: Groups;
  readonly #instance: string | null;
  readonly #seen: Generations;
  memberId = '';
  generation = -1;
  isBusy = false;

  constructor(groups: Groups, instance: string | null, seen: Generations) {
    this.#groups = groups;
    this.#instance = instance;
    this.#seen = seen;
  }

  /** As a client does: with the id it is given, and again while it is told to. */
  async join(losesAnswer: boolean, protocols: readonly string[]): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    const answer = await this.#groups.join(
      joinRequest({
        memberId: this.memberId,
        groupInstanceId: this.#instance,
        protocols: protocols.map(name => ({ name, metadata: Buffer.from(name) })),
      }),
    );
    this.isBusy = false;
    if (losesAnswer) return;
    if (answer.error === null) {
      this.memberId = answer.memberId;
      this.generation = answer.generation;
      this.#seen.joined(answer);
    } else if (answer.error === 'MEMBER_ID_REQUIRED') {
      this.memberId = answer.memberId;
    } else if (answer.error === 'UNKNOWN_MEMBER_ID' || answer.error === 'FENCED_INSTANCE_ID') {
      this.memberId = '';
    }
  }

  async sync(): Promise<void> {
    if (this.isBusy || this.generation < 0) return;
    this.isBusy = true;
    const { memberId, generation } = this;
    const asked = { groupId: 'g', memberId, generation, groupInstanceId: this.#instance };
    const assignments = this.#seen.workOf(memberId, generation);
    const answer = await this.#groups.sync({ ...asked, protocolType: null, protocol: null, assignments });
    this.isBusy = false;
    this.#seen.synced(memberId, generation, answer);
  }

  /** True where the member has nothing to do but to go on. */
  heartbeat(): boolean {
    const { memberId, generation } = this;
    const beat = { groupId: 'g', memberId, generation, groupInstanceId: this.#instance };
    return this.#groups.heartbeat(beat) === null;
  }

  /** What a client does that nothing befalls. */
  async live(): Promise<void> {
    while (!this.isBusy && !this.heartbeat()) await this.join(false, ['range']);
    await this.sync();
  }

  async leave(): Promise<void> {
    const { memberId } = this;
    await this.#groups.leave('g', [{ memberId, groupInstanceId: this.#instance }]);
    this.memberId = '';
    this.generation = -1;
  }
}

/** What clients were told, checked as it comes. */
class Generations {
  readonly #leaders = new Map<number, string>();
  readonly #members = new Map<number, readonly string[]>();
  #highest = 0;
  handedOut = 0;

  joined({ generation, leader, memberId, members, skipAssignment }: JoinAnswer): void {
    expect(generation).toBeGreaterThanOrEqual(this.#highest);
    this.#highest = generation;
    if (leader !== memberId) {
      expect(members).toEqual([]);
      return;
    }
    const ids = members.map(member => member.memberId);
    expect(ids).toContain(memberId);
    expect(new Set(ids).size).toBe(ids.length);
    // A static leader that is back has a new id; nobody else takes over a generation.
    if (!skipAssignment) expect(this.#leaders.get(generation) ?? memberId).toBe(memberId);
    this.#leaders.set(generation, memberId);
    this.#members.set(generation, ids);
  }

  workOf(memberId: string, generation: number) {
    if (this.#leaders.get(generation) !== memberId) return [];
    const members = this.#members.get(generation) ?? [];
    return members.map(id => ({ memberId: id, assignment: Buffer.from(`${generation}`) }));
  }

  synced(memberId: string, generation: number, { error, assignment }: SyncAnswer): void {
    if (error !== null) return;
    const isMember = this.#members.get(generation)?.includes(memberId) ?? false;
    const text = Buffer.from(assignment).toString();
    // Work of another generation would be done twice. A static member that is back has its former id's.
    if (isMember) expect(text).toBe(`${generation}`);
    else expect(['', `${generation}`]).toContain(text);
    this.handedOut++;
  }
}

const protocols = fc.constantFrom(['range'], ['range', 'sticky'], ['sticky', 'range']);
const who = fc.nat(4);
type Event = typeof event extends fc.Arbitrary<infer E> ? E : never;
const event = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('join' as const), who, protocols, lost: fc.boolean() }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('sync' as const), who }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('heartbeat' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.nat(20_000) }) },
);

test('whatever clients do, generations hold together', async () => {
  let handedOut = 0;
  const play = async (events: readonly Event[], delayMs: number): Promise<void> => {
    const { clock, open } = groupWorld({ initialRebalanceDelayMs: delayMs });
    const log = await open();
    const seen = new Generations();
    const fresh = (i: number) => new Client(log.groups, i === 4 ? 'static' : null, seen);
    const clients = Array.from({ length: 5 }, (_, i) => fresh(i));
    const under: Promise<void>[] = [];
    for (const step of events) {
      if (step.kind === 'time') clock.advance(step.ms);
      else if (step.kind === 'restart') clients[step.who] = fresh(step.who);
      else if (step.kind === 'join') under.push(clients[step.who]!.join(step.lost, step.protocols));
      else if (step.kind === 'heartbeat') clients[step.who]!.heartbeat();
      else under.push(clients[step.who]![step.kind]());
      await settle();
    }
    // Everybody who is still there comes to terms, and nobody is lost.
    for (let i = 0; i < 30; i++) {
      for (const client of clients) under.push(client.live());
      await settle();
      clock.advance(3_000);
      await settle();
    }
    const described = log.groups.describe('g');
    expect(described).toMatchObject({ state: 'Stable', protocol: 'range' });
    expect(described?.members.map(member => member.memberId).toSorted()).toEqual(
      clients.map(client => client.memberId).toSorted(),
    );
    expect(new Set(clients.map(client => client.generation)).size).toBe(1);
    handedOut += seen.handedOut;
    await log.close();
    await Promise.all(under);
  };
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { minLength: 5, maxLength: 60 }),
      fc.constantFrom(0, 3_000),
      async (events, delayMs) => play(events, delayMs),
    ),
    { numRuns: 80, seed: 42 },
  );
  expect(handedOut).toBeGreaterThan(80);
});
