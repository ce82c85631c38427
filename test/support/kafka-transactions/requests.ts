import {
  ADD_OFFSETS_TO_TXN,
  ADD_PARTITIONS_TO_TXN,
  DESCRIBE_PRODUCERS,
  DESCRIBE_TRANSACTIONS,
  END_TXN,
  FETCH,
  INIT_PRODUCER_ID,
  LIST_TRANSACTIONS,
  OFFSET_FETCH,
  PRODUCE,
  TXN_OFFSET_COMMIT,
} from '../../../src/kafka/messages/mod.ts';
import { encodeBatch } from '../../../src/log/codec/encode-batch.ts';
import type { Session } from './session.ts';

/** A transactional producer as a script plays it, with the id and epoch that it believes to have. */
export interface Player {
  readonly id: string;
  readonly producerId: number;
  readonly producerEpoch: number;
}

type Identity = Pick<Player, 'producerId' | 'producerEpoch'>;

interface InitOptions {
  readonly timeoutMs?: number;
  readonly expected?: Identity;
  readonly once?: boolean;
}

/** InitProducerId; the player with what was answered. */
export async function init(
  session: Session,
  id: string | null,
  version: number,
  { timeoutMs = 60_000, expected, once = false }: InitOptions = {},
): Promise<Player> {
  const request = {
    transactionalId: id === null || id === '' ? id : session.prefix + id,
    transactionTimeoutMs: timeoutMs,
    ...expected,
  };
  const note = `${id}${timeoutMs === 60_000 ? '' : ` time-out ${timeoutMs}`}${expected ? ' going on' : ''}`;
  const answer = once
    ? await session.askOnce(INIT_PRODUCER_ID, version, request, `${note}, once`)
    : await session.ask(INIT_PRODUCER_ID, version, request, note);
  return { id: id ?? '', producerId: answer.producerId, producerEpoch: answer.producerEpoch };
}

/** AddPartitionsToTxn as clients send it, up to version 3. */
export async function add(
  session: Session,
  player: Player,
  version: number,
  topics: Readonly<Record<string, readonly number[]>>,
): Promise<void> {
  const request = {
    v3AndBelowTransactionalId: session.prefix + player.id,
    v3AndBelowProducerId: player.producerId,
    v3AndBelowProducerEpoch: player.producerEpoch,
    v3AndBelowTopics: topicsOf(session, topics),
  };
  await session.ask(ADD_PARTITIONS_TO_TXN, version, request, `${player.id} ${JSON.stringify(topics)}`);
}

/** AddPartitionsToTxn as brokers send it, from version 4 on. */
export async function addBatched(
  session: Session,
  players: readonly Player[],
  version: number,
  topics: Readonly<Record<string, readonly number[]>>,
  verifyOnly: boolean,
): Promise<void> {
  const transactions = players.map(player => ({
    transactionalId: session.prefix + player.id,
    producerId: player.producerId,
    producerEpoch: player.producerEpoch,
    verifyOnly,
    topics: topicsOf(session, topics),
  }));
  const ids = players.map(({ id }) => id).join(', ');
  const note = `${ids} ${JSON.stringify(topics)}${verifyOnly ? ' verify' : ''}`;
  await session.ask(ADD_PARTITIONS_TO_TXN, version, { transactions }, note);
}

const topicsOf = (session: Session, topics: Readonly<Record<string, readonly number[]>>) =>
  Object.entries(topics).map(([name, partitions]) => ({
    name: name.startsWith('__') ? name : session.prefix + name,
    partitions,
  }));

/** EndTxn; the player with what it goes on with. */
export async function end(
  session: Session,
  player: Player,
  version: number,
  committed: boolean,
): Promise<Player> {
  const request = {
    transactionalId: session.prefix + player.id,
    producerId: player.producerId,
    producerEpoch: player.producerEpoch,
    committed,
  };
  const note = `${player.id} ${committed ? 'commit' : 'abort'}`;
  const answer = await session.ask(END_TXN, version, request, note);
  await session.settle(player.id);
  if (version < 5 || answer.errorCode !== 0) return player;
  return { ...player, producerId: answer.producerId, producerEpoch: answer.producerEpoch };
}

/** Produce of one record of a player's transaction; `id: null` leaves the transactional id out. */
export async function produce(
  session: Session,
  player: Player,
  version: number,
  topic: string,
  sequence: number,
  options: { readonly partition?: number; readonly transactional?: boolean; readonly id?: null } = {},
): Promise<void> {
  const { producerId, producerEpoch } = player;
  const { partition = 0, transactional = true } = options;
  const writer = { producerId, producerEpoch, baseSequence: sequence, transactional };
  const record = { key: null, value: Buffer.from(`${player.id} ${sequence}`) };
  const { bytes } = encodeBatch([record], 0, 1, writer, Date.now());
  const request = {
    transactionalId: transactional && options.id !== null ? session.prefix + player.id : null,
    acks: -1,
    timeoutMs: 10_000,
    topicData: [{ name: session.prefix + topic, partitionData: [{ index: partition, records: bytes }] }],
  };
  const note = `${player.id} ${topic}-${partition} sequence ${sequence}${transactional ? '' : ' plain'}`;
  await session.ask(PRODUCE, version, request, note);
}

/** All of a partition as a reader of committed records sees it. */
export async function read(session: Session, topic: string, partition = 0): Promise<void> {
  const request = {
    maxWaitMs: 0,
    minBytes: 0,
    maxBytes: 1 << 20,
    isolationLevel: 1,
    topics: [
      {
        topic: session.prefix + topic,
        partitions: [{ partition, fetchOffset: 0, partitionMaxBytes: 1 << 20 }],
      },
    ],
    forgottenTopicsData: [],
  };
  await session.ask(FETCH, 11, request, `${topic}-${partition} read_committed`);
}

export async function describe(session: Session, ...ids: readonly string[]): Promise<void> {
  const transactionalIds = ids.map(id => session.prefix + id);
  await session.ask(DESCRIBE_TRANSACTIONS, 0, { transactionalIds }, ids.join(', '));
}

export async function describeProducers(session: Session, topic: string, partition = 0): Promise<void> {
  const topics = [{ name: session.prefix + topic, partitionIndexes: [partition] }];
  await session.ask(DESCRIBE_PRODUCERS, 0, { topics }, `${topic}-${partition}`);
}

interface ListFilter {
  readonly stateFilters?: readonly string[];
  readonly producerIdFilters?: readonly number[];
  readonly durationFilter?: number;
  /** Behind the scenario's prefix. */
  readonly pattern?: string;
}

/** ListTransactions among the scenario's ids; below version 2 of those of all. */
export async function list(
  session: Session,
  version: number,
  filter: ListFilter,
  note: string,
): Promise<void> {
  const request = {
    stateFilters: filter.stateFilters ?? [],
    producerIdFilters: filter.producerIdFilters ?? [],
    ...(version >= 1 ? { durationFilter: filter.durationFilter ?? -1 } : {}),
    ...(version >= 2 ? { transactionalIdPattern: `${session.prefix}${filter.pattern ?? '.*'}` } : {}),
  };
  await session.ask(LIST_TRANSACTIONS, version, request, note);
}

export async function addOffsets(
  session: Session,
  player: Player,
  version: number,
  group: string,
): Promise<void> {
  const request = {
    transactionalId: session.prefix + player.id,
    producerId: player.producerId,
    producerEpoch: player.producerEpoch,
    groupId: session.prefix + group,
  };
  await session.ask(ADD_OFFSETS_TO_TXN, version, request, `${player.id} ${group}`);
}

export async function commitOffset(
  session: Session,
  player: Player,
  version: number,
  group: string,
  topic: string,
  offset: number,
): Promise<void> {
  const request = {
    transactionalId: session.prefix + player.id,
    groupId: session.prefix + group,
    producerId: player.producerId,
    producerEpoch: player.producerEpoch,
    topics: [
      {
        name: session.prefix + topic,
        partitions: [{ partitionIndex: 0, committedOffset: offset, committedMetadata: 'm' }],
      },
    ],
  };
  await session.ask(TXN_OFFSET_COMMIT, version, request, `${player.id} ${group} ${topic}-0 at ${offset}`);
}

/** Where a group stands; with `requireStable` offsets under way are an error. */
export async function fetchOffset(
  session: Session,
  group: string,
  topic: string,
  requireStable: boolean,
): Promise<void> {
  const topics = [{ name: session.prefix + topic, partitionIndexes: [0] }];
  const request = { groupId: session.prefix + group, topics, requireStable };
  await session.ask(OFFSET_FETCH, 7, request, `${group} ${topic}-0${requireStable ? ' stable' : ''}`);
}
