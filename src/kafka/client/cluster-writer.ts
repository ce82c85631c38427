import { MillraceError } from '../../core/mod.ts';
import {
  type EncodedBatch,
  type NewRecord,
  type NewRecords,
  recordCountOf,
  type TopicPartition,
  type Transaction,
  type TransactionalWriter,
  type TransactionPart,
  type WriterState,
} from '../../log/mod.ts';
import type { Cluster } from './cluster.ts';
import type { BatchMaker } from './encode.ts';
import type { StoredStates } from './stored-states.ts';
import { TransactionSession } from './transaction-session.ts';

/** Commits that share one transaction of the cluster at most, and their records. */
const COMMITS_PER_TURN_MAX = 4096;
const RECORDS_PER_TURN_MAX = 65_536;
const NOTHING: WriterState = { sequence: -1, position: null };

interface Operation {
  readonly parts: readonly TransactionPart[];
  /** Null for `stage`. */
  readonly commit: Transaction | null;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export interface WriterContext {
  readonly cluster: Cluster;
  readonly maker: BatchMaker;
  readonly states: StoredStates;
  /** Hears of what was written. */
  readonly count: (batches: readonly EncodedBatch[]) => void;
}

/**
 * A transactional writer on a cluster. All commits that wait go together as one transaction; sequence and
 * position of the last are a record of the same transaction in the state topic, so that they are stored if
 * and only if the data is. Whatever a crash leaves undecided is settled when the writer is opened again.
 */
export class ClusterWriter implements TransactionalWriter {
  readonly #id: string;
  readonly #context: WriterContext;
  readonly #session: TransactionSession;
  #state: WriterState;
  #operations: Operation[] = [];
  #running: Promise<void> | null = null;
  #failure: unknown = null;
  #closed: string | null = null;

  private constructor(id: string, context: WriterContext, session: TransactionSession, state: WriterState) {
    this.#id = id;
    this.#context = context;
    this.#session = session;
    this.#state = state;
  }

  /** Fences older holders, settles what they left open, and learns what was committed last. */
  static async open(id: string, context: WriterContext): Promise<ClusterWriter> {
    await context.states.make();
    const session = await TransactionSession.open(context.cluster, id);
    try {
      const state = (await context.states.find(keyOf(id))) as WriterState | undefined;
      return new ClusterWriter(id, context, session, state ?? NOTHING);
    } catch (error) {
      session.close();
      throw error;
    }
  }

  get state(): WriterState {
    return this.#state;
  }

  stage(parts: readonly TransactionPart[]): Promise<void> {
    return this.#enqueue(parts, null);
  }

  commit(transaction: Transaction): Promise<void> {
    return this.#enqueue(transaction.parts, transaction);
  }

  /** Waits for what was asked before; parts staged without a commit are aborted. */
  async close(): Promise<void> {
    while (this.#running !== null) await this.#running;
    if (this.#refusal() === null && this.#session.isBegun) await this.#session.end('abort');
    await this.fence('the writer is closed');
  }

  /** Refuse everything from now on; resolves when the turn under way is over. */
  async fence(reason = 'a newer writer of this transactional id took over'): Promise<void> {
    this.#closed ??= reason;
    await this.#running;
    this.#session.close();
  }

  #refusal(): unknown {
    if (this.#failure !== null || this.#closed === null) return this.#failure;
    return new MillraceError('PRODUCER_FENCED', `${this.#id}: ${this.#closed}`);
  }

  #enqueue(parts: readonly TransactionPart[], commit: Transaction | null): Promise<void> {
    const refusal = this.#refusal();
    if (refusal !== null) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      this.#operations.push({ parts, commit, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  async #run(): Promise<void> {
    await Promise.resolve();
    while (this.#operations.length > 0) {
      const turn = takeTurn(this.#operations);
      try {
        const refusal = this.#refusal();
        if (refusal !== null) throw refusal;
        if (turn[0]!.commit === null) await this.#write(turn);
        else await this.#commitAll(turn);
        for (const operation of turn) operation.resolve();
      } catch (error) {
        if (this.#closed === null) this.#failure ??= error;
        for (const operation of turn.concat(this.#operations)) operation.reject(error);
        this.#operations = [];
      }
    }
    this.#running = null;
  }

  async #commitAll(turn: readonly Operation[]): Promise<void> {
    let last = this.#state.sequence;
    const fresh = turn.filter(({ commit }) => {
      if (commit === null || commit.sequence <= last) return false;
      last = commit.sequence;
      return true;
    });
    // Parts staged for a transaction that is stored already are its duplicate.
    if (fresh[0] !== turn[0] && this.#session.isBegun) await this.#session.end('abort');
    const final = fresh.at(-1)?.commit;
    if (final === null || final === undefined) return;
    const state = { sequence: final.sequence, position: final.position ?? null };
    try {
      await this.#write(fresh, state);
    } catch (error) {
      // The outcome is known: free the readers now if that works, else at the next opening.
      if (this.#session.isBegun) await this.#session.end('abort').catch(() => undefined);
      throw error;
    }
    await this.#session.end('commit');
    this.#state = state;
  }

  /** Writes the records of all operations, joined by partition; with `state` its record too. */
  async #write(operations: readonly Operation[], state: WriterState | null = null): Promise<void> {
    const { cluster, maker, states, count } = this.#context;
    const joined = joinParts(operations);
    // Before anything is begun: a topic or partition that is not there is told so.
    await Promise.all(
      joined.map(({ at }) => cluster.retrying(`writing to ${at.topic}`, () => cluster.leader(at))),
    );
    if (state !== null) {
      const { at, records } = states.entry(keyOf(this.#id), state);
      joined.push({ at, runs: [records] });
    }
    const parts = await Promise.all(
      joined.map(async ({ at, runs }) => {
        const batches: EncodedBatch[] = [];
        for (const records of runs) batches.push(...(await maker.batches(at.topic, records)));
        return { at, batches };
      }),
    );
    if (parts.length > 0) await this.#session.write(parts);
    for (const { batches } of parts) count(batches);
  }
}

const keyOf = (transactionalId: string): string => `writer/${transactionalId}`;

/** The longest run of operations of one kind: staged parts never mix with an earlier transaction. */
function takeTurn(operations: Operation[]): Operation[] {
  const staging = operations[0]!.commit === null;
  let records = 0;
  let count = 0;
  for (const operation of operations) {
    records += operation.parts.reduce((sum, part) => sum + recordCountOf(part.records), 0);
    if ((operation.commit === null) !== staging) break;
    if (count > 0 && (records > RECORDS_PER_TURN_MAX || count === COMMITS_PER_TURN_MAX)) break;
    count++;
  }
  return operations.splice(0, count);
}

interface JoinedPart {
  readonly at: TopicPartition;
  readonly runs: NewRecords[];
}

function joinParts(operations: readonly Operation[]): JoinedPart[] {
  const joined = new Map<string, JoinedPart>();
  for (const { topic, partition, records } of operations.flatMap(({ parts }) => parts)) {
    const key = `${topic}-${partition}`;
    const known = joined.get(key) ?? { at: { topic, partition }, runs: [] };
    joined.set(key, known);
    addRun(known.runs, records);
  }
  return [...joined.values()].filter(({ runs }) => runs.length > 0);
}

/** Adds records behind those that are there; single ones go together, so that they share batches. */
function addRun(runs: NewRecords[], records: NewRecords): void {
  if (recordCountOf(records) === 0) return;
  const last = runs.at(-1);
  if ('packed' in records) runs.push(records);
  else if (last === undefined || 'packed' in last) runs.push([...records]);
  else for (const record of records) (last as NewRecord[]).push(record);
}
