import { codeOf } from '../handler.ts';

/** What a client wants of one partition, as it said last. */
export interface WantedPartition {
  /** Empty where the client names topics by their ids. */
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  readonly fetchOffset: number;
  readonly partitionMaxBytes: number;
  readonly currentLeaderEpoch: number;
  readonly lastFetchedEpoch: number;
}

/** What was told of a partition last; an incremental answer leaves out what has not changed since. */
interface Told {
  highWatermark: number;
  logStartOffset: number;
}

interface Session {
  readonly id: number;
  readonly usesIds: boolean;
  epoch: number;
  lastUsedMs: number;
  readonly wanted: Map<string, WantedPartition>;
  readonly told: Map<string, Told>;
}

/** The parts of a Fetch request that sessions look at. */
export interface FetchSessionRequest {
  readonly sessionId: number;
  readonly sessionEpoch: number;
  readonly wanted: readonly WantedPartition[];
  readonly forgotten: readonly Pick<WantedPartition, 'topic' | 'topicId' | 'partition'>[];
  readonly usesIds: boolean;
}

/** One partition of an answer, as far as sessions look at it. */
export interface FetchedPartition {
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly logStartOffset: number;
  readonly hasRecords: boolean;
  /** Something else that the client has to be told. */
  readonly isNews: boolean;
}

/** How a request is to be answered. */
export interface OpenedFetch {
  /** In the order in which they are to be read. */
  readonly wanted: readonly WantedPartition[];
  /** To be called when all has been read: the session to name, and which partitions to tell of. */
  close<P extends FetchedPartition>(
    fetched: readonly P[],
  ): { readonly sessionId: number; readonly told: readonly boolean[] };
}

const INITIAL_EPOCH = 0;
const FINAL_EPOCH = -1;
const EPOCH_MAX = 0x7fff_ffff;
/** A session that nobody used for so long may go where another wants its place. */
const EVICTION_MS = 120_000;
/** Partitions of all sessions. */
const PARTITIONS_MAX = 500_000;

const keyOf = ({ topic, topicId, partition }: Pick<WantedPartition, 'topic' | 'topicId' | 'partition'>) =>
  `${topic === '' ? topicId : topic}/${partition}`;

/**
 * Fetch sessions (KIP-227): a client that asks for the same partitions again and again names only what has
 * changed, and is told only what has.
 */
export class FetchSessions {
  /** Least recently used first. */
  readonly #sessions = new Map<number, Session>();
  readonly #sessionsMax: number;
  readonly #newId: () => number;
  #partitions = 0;

  /** `newId` draws an id above 0 at random. */
  constructor(sessionsMax: number, newId: () => number) {
    this.#sessionsMax = sessionsMax;
    this.#newId = newId;
  }

  get count(): number {
    return this.#sessions.size;
  }

  /** Takes a request in; a number is the error code that answers it. */
  open(request: FetchSessionRequest, nowMs: number): OpenedFetch | number {
    const { sessionId, sessionEpoch } = request;
    if (sessionEpoch === INITIAL_EPOCH || sessionEpoch === FINAL_EPOCH) {
      this.#remove(sessionId);
      return sessionEpoch === FINAL_EPOCH ? sessionless(request.wanted) : this.#full(request, nowMs);
    }
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return codeOf('FETCH_SESSION_ID_NOT_FOUND');
    if (session.epoch !== sessionEpoch) return codeOf('INVALID_FETCH_SESSION_EPOCH');
    if (session.usesIds !== request.usesIds) return codeOf('FETCH_SESSION_TOPIC_ID_ERROR');
    return this.#incremental(session, request, nowMs);
  }

  #full(request: FetchSessionRequest, nowMs: number): OpenedFetch {
    return {
      wanted: request.wanted,
      close: fetched => {
        const told = fetched.map(() => true);
        const session = this.#make(request, nowMs);
        if (session === null) return { sessionId: 0, told };
        request.wanted.forEach((wanted, i) => {
          const { highWatermark, logStartOffset } = fetched[i]!;
          session.told.set(keyOf(wanted), { highWatermark, logStartOffset });
        });
        return { sessionId: session.id, told };
      },
    };
  }

  #incremental(session: Session, request: FetchSessionRequest, nowMs: number): OpenedFetch | number {
    const before = session.wanted.size;
    for (const wanted of request.wanted) session.wanted.set(keyOf(wanted), wanted);
    for (const forgotten of request.forgotten) {
      session.wanted.delete(keyOf(forgotten));
      session.told.delete(keyOf(forgotten));
    }
    this.#partitions += session.wanted.size - before;
    if (session.wanted.size > before && this.#partitions > PARTITIONS_MAX) {
      // The client begins anew, and gets no session while there is no room for one.
      this.#remove(session.id);
      return codeOf('FETCH_SESSION_ID_NOT_FOUND');
    }
    const wanted = [...session.wanted.values()];
    if (wanted.length === 0) {
      this.#remove(session.id);
      return sessionless(wanted);
    }
    session.epoch = session.epoch === EPOCH_MAX ? 1 : session.epoch + 1;
    session.lastUsedMs = nowMs;
    this.#sessions.delete(session.id);
    this.#sessions.set(session.id, session);
    return {
      wanted,
      close: fetched => {
        const told = fetched.map((found, i) => tellOnce(session, wanted[i]!, found));
        return { sessionId: session.id, told };
      },
    };
  }

  #make(request: FetchSessionRequest, nowMs: number): Session | null {
    if (request.wanted.length === 0 || !this.#makeRoom(request.wanted.length, nowMs)) return null;
    let id = this.#newId();
    while (this.#sessions.has(id)) id = this.#newId();
    const session: Session = {
      ...{ id, usesIds: request.usesIds, epoch: INITIAL_EPOCH + 1, lastUsedMs: nowMs },
      wanted: new Map(request.wanted.map(wanted => [keyOf(wanted), wanted])),
      told: new Map(),
    };
    this.#partitions += session.wanted.size;
    this.#sessions.set(id, session);
    return session;
  }

  #makeRoom(partitions: number, nowMs: number): boolean {
    const isFull = () =>
      this.#sessions.size >= this.#sessionsMax || this.#partitions + partitions > PARTITIONS_MAX;
    for (const session of this.#sessions.values()) {
      if (!isFull()) break;
      if (nowMs - session.lastUsedMs < EVICTION_MS) break;
      this.#remove(session.id);
    }
    return !isFull();
  }

  #remove(id: number): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    this.#sessions.delete(id);
    this.#partitions -= session.wanted.size;
  }
}

function sessionless(wanted: readonly WantedPartition[]): OpenedFetch {
  return { wanted, close: fetched => ({ sessionId: 0, told: fetched.map(() => true) }) };
}

/**
 * True where the client does not know this yet. What had records goes to the end, so that all have their
 * turn.
 */
function tellOnce(session: Session, wanted: WantedPartition, found: FetchedPartition): boolean {
  const key = keyOf(wanted);
  const current = session.wanted.get(key);
  if (current === undefined) return false;
  const { highWatermark, logStartOffset, hasRecords, errorCode, isNews } = found;
  const told = session.told.get(key);
  const isSame = told?.highWatermark === highWatermark && told.logStartOffset === logStartOffset;
  // After an error the client is told everything again.
  if (errorCode === 0) session.told.set(key, { highWatermark, logStartOffset });
  else session.told.delete(key);
  if (hasRecords) {
    session.wanted.delete(key);
    session.wanted.set(key, current);
  }
  return !isSame || hasRecords || errorCode !== 0 || isNews;
}
