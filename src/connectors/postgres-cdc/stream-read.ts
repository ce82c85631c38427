import { assert } from '../../core/mod.ts';
import type { NewRecord } from '../../log/mod.ts';
import type { CaptureConfig } from './config.ts';
import type { Delivery } from './delivery.ts';
import type { EnvelopeWriter, EventRow } from './encode/envelope.ts';
import type { TableEncoder } from './encode/table-encoder.ts';
import type { Gate } from './gate.ts';
import {
  type RelationMessage,
  type RowChange,
  readBegin,
  readCommit,
  readDelete,
  readInsert,
  readLogicalMessage,
  readRelation,
  readTruncate,
  readUpdate,
  unknownMessage,
} from './read/pgoutput.ts';
import { newTuple, type Tuple } from './read/tuple.ts';
import { beginRecord, TransactionCounter } from './transaction-metadata.ts';

/** Logical messages of this prefix are Millrace's own marks in the WAL and make no event. */
const OWN_MESSAGE_PREFIX = 'millrace';

/** What the stream needs from around it. */
export interface StreamReadOptions {
  readonly config: CaptureConfig;
  readonly delivery: Delivery;
  readonly envelopes: EnvelopeWriter;
  readonly gate: Gate;
  readonly system: string;
  /** Transactions that end at or before it are in the log. */
  readonly position: number;
  readonly nowMs: () => number;
  /** The encoder of a relation; may read the catalog. Null where the table is not captured. */
  readonly resolve: (relation: RelationMessage) => Promise<RelationTarget | null>;
  /** A transaction or message was read up to here; `commitMicros` is its time at the source. */
  readonly onReceived: (endLsn: number, commitMicros: number, records: number) => void;
}

/** Where the changes of a relation go. */
export interface RelationTarget {
  readonly encoder: TableEncoder;
  readonly topic: string;
}

interface OpenTransaction {
  readonly id: number;
  readonly commitLsn: number;
  readonly commitMicros: number;
  readonly counter: TransactionCounter | null;
  records: number;
}

/** Turns pgoutput's messages into records of one log transaction per source transaction. */
export class StreamReader {
  readonly #options: StreamReadOptions;
  readonly #relations = new Map<number, RelationTarget | null>();
  readonly #change: RowChange = { oldTuple: newTuple(), newTuple: newTuple(), old: 'none' };
  readonly #messageTopic: string;
  readonly #transactionTopic: string;
  #open: OpenTransaction | null = null;
  #lastCommitLsn: number | null = null;
  #position: number;

  constructor(options: StreamReadOptions) {
    this.#options = options;
    this.#position = options.position;
    this.#messageTopic = `${options.config.prefix}.message`;
    this.#transactionTopic = `${options.config.prefix}.transaction`;
    this.#beginEnvelopes(0, options.nowMs() * 1000);
  }

  /** True between transactions with all of them durable: the server's position is ours. */
  get idle(): boolean {
    return this.#open === null && this.#options.delivery.idle;
  }

  get inTransaction(): boolean {
    return this.#open !== null;
  }

  /** One message at `bytes[at, …)`, whose WAL position is `lsn`. A promise only where it has to wait. */
  message(bytes: Uint8Array, at: number, lsn: number): Promise<void> | undefined {
    const change = this.#change;
    switch (bytes[at]) {
      case 0x49:
        return this.#insert(readInsert(bytes, at, change), lsn);
      case 0x55:
        return this.#update(readUpdate(bytes, at, change), lsn);
      case 0x44:
        return this.#delete(readDelete(bytes, at, change), lsn);
      case 0x42:
        return this.#begin(bytes, at);
      case 0x43:
        return this.#commit(bytes, at);
      case 0x52:
        return this.#relation(readRelation(bytes, at));
      case 0x54:
        return this.#truncate(readTruncate(bytes, at), lsn);
      case 0x4d:
        return this.#logicalMessage(bytes, at);
      case 0x4f: // origin
      case 0x59: // type
        return undefined;
      default:
        throw unknownMessage(bytes[at]!);
    }
  }

  #begin(bytes: Uint8Array, at: number): Promise<void> | undefined {
    const { commitLsn, commitMicros, transactionId } = readBegin(bytes, at);
    const counter = this.#options.config.transactionMetadata ? new TransactionCounter() : null;
    this.#open = { id: transactionId, commitLsn, commitMicros, counter, records: 0 };
    this.#beginEnvelopes(transactionId, commitMicros);
    return this.#options.gate.holds(commitLsn) ? this.#waitAtGate(commitLsn) : undefined;
  }

  async #waitAtGate(lsn: number): Promise<void> {
    const { delivery, gate } = this.#options;
    // Asked again each time: a gate may be opened and put elsewhere in one step.
    while (gate.holds(lsn)) {
      await delivery.drained();
      gate.see(lsn);
      await gate.opened();
    }
  }

  #beginEnvelopes(transactionId: number, commitMicros: number): void {
    const origin = {
      transactionId,
      commitMicros,
      lastCommitLsn: this.#lastCommitLsn,
      mark: 'false',
    } as const;
    this.#options.envelopes.begin(origin, this.#options.nowMs());
  }

  #commit(bytes: Uint8Array, at: number): Promise<void> | undefined {
    const { commitLsn, endLsn } = readCommit(bytes, at);
    const open = this.#transaction();
    if (open.counter !== null && open.records > 0) {
      const end = open.counter.end(`${open.id}:${commitLsn}`, open.commitMicros);
      this.#options.delivery.add(this.#transactionTopic, end);
    }
    this.#open = null;
    this.#lastCommitLsn = commitLsn;
    return this.#end(endLsn, open.commitMicros, open.records);
  }

  #end(endLsn: number, commitMicros: number, records: number): undefined {
    const { delivery, onReceived, system } = this.#options;
    onReceived(endLsn, commitMicros, records);
    if (endLsn <= this.#position) return undefined;
    this.#position = endLsn;
    if (records > 0) delivery.commit(endLsn, system);
    return undefined;
  }

  async #relation(relation: RelationMessage): Promise<void> {
    const target = await this.#options.resolve(relation);
    if (target !== null) await this.#options.delivery.ensureTopic(target.topic);
    if (this.#options.config.transactionMetadata) {
      await this.#options.delivery.ensureTopic(this.#transactionTopic);
    }
    this.#relations.set(relation.relationId, target);
  }

  #insert(relationId: number, lsn: number): undefined {
    const target = this.#target(relationId, 'c');
    if (target === null) return undefined;
    const { newTuple: row } = this.#change;
    this.#add(target, 'c', null, whole(row, null), row, lsn);
    return undefined;
  }

  #update(relationId: number, lsn: number): undefined {
    const target = this.#target(relationId, 'u');
    if (target === null) return undefined;
    const { old, oldTuple, newTuple: row } = this.#change;
    const before = old === 'full' ? whole(oldTuple, null) : null;
    const after = whole(row, old === 'full' ? oldTuple : null);
    const moved = old !== 'none' && target.encoder.hasKey && !target.encoder.sameKey(oldTuple, row);
    if (moved) this.#moveKey(target, before ?? identity(oldTuple), after, lsn);
    else this.#add(target, 'u', before, after, keyed(row, oldTuple, old), lsn);
    return undefined;
  }

  /**
   * A changed key is a delete of the old row and a creation of the new one, each with a header that names
   * the other.
   */
  #moveKey(target: RelationTarget, before: EventRow, after: EventRow, lsn: number): void {
    const { envelopes, config } = this.#options;
    const { oldTuple, newTuple: row } = this.#change;
    const oldKey = envelopes.key(target.encoder, oldTuple);
    const newKey = envelopes.key(target.encoder, row);
    this.#add(target, 'd', before, null, oldTuple, lsn, { key: '__debezium.newkey', value: newKey });
    if (config.tombstones) this.#put(target.topic, envelopes.record(oldKey, null));
    this.#add(target, 'c', null, after, row, lsn, { key: '__debezium.oldkey', value: oldKey });
  }

  #delete(relationId: number, lsn: number): undefined {
    const target = this.#target(relationId, 'd');
    if (target === null) return undefined;
    const { old, oldTuple } = this.#change;
    const before = old === 'full' ? whole(oldTuple, null) : identity(oldTuple);
    this.#add(target, 'd', before, null, oldTuple, lsn);
    if (this.#options.config.tombstones && target.encoder.hasKey) {
      const key = this.#options.envelopes.key(target.encoder, oldTuple);
      this.#put(target.topic, this.#options.envelopes.record(key, null));
    }
    return undefined;
  }

  #truncate(relationIds: readonly number[], lsn: number): undefined {
    for (const relationId of relationIds) {
      const target = this.#target(relationId, 't');
      if (target !== null) this.#add(target, 't', null, null, null, lsn);
    }
    return undefined;
  }

  #add(
    target: RelationTarget,
    op: 'c' | 'u' | 'd' | 't',
    before: EventRow | null,
    after: EventRow | null,
    keyTuple: Tuple | null,
    lsn: number,
    header?: { readonly key: string; readonly value: Uint8Array },
  ): void {
    const { envelopes, delivery } = this.#options;
    const open = this.#transaction();
    if (open.counter !== null && open.records === 0) {
      delivery.add(this.#transactionTopic, beginRecord(`${open.id}:${lsn}`, open.commitMicros));
    }
    const order = open.counter === null ? null : open.counter.next(target.encoder.qualifiedName);
    const { key, value } = envelopes.event(target.encoder, op, before, after, keyTuple, {
      lsn,
      mark: 'false',
      order,
    });
    this.#put(target.topic, envelopes.record(key, value, header));
  }

  #put(topic: string, record: NewRecord): void {
    this.#transaction().records++;
    this.#options.delivery.add(topic, record);
  }

  /** Null when the table or the operation is not captured, or the log has the transaction. */
  #target(relationId: number, op: string): RelationTarget | null {
    const target = this.#relations.get(relationId);
    assert(target !== undefined, `pgoutput named relation ${relationId} before it described it`);
    const { config } = this.#options;
    // The end of a transaction lies behind its commit: one at the position or before is in the log.
    if (config.skipped.has(op) || this.#transaction().commitLsn < this.#position) return null;
    return target;
  }

  #transaction(): OpenTransaction {
    assert(this.#open !== null, 'pgoutput sent a change outside a transaction');
    return this.#open;
  }

  async #logicalMessage(bytes: Uint8Array, at: number): Promise<void> {
    const { transactional, lsn, prefix, content } = readLogicalMessage(bytes, at);
    const { envelopes, delivery, gate, nowMs } = this.#options;
    if (!transactional && gate.holds(lsn)) await this.#waitAtGate(lsn);
    const known = transactional ? this.#transaction().commitLsn < this.#position : lsn <= this.#position;
    const own = prefix.startsWith(OWN_MESSAGE_PREFIX);
    if (!known && !own) {
      await delivery.ensureTopic(this.#messageTopic);
      const record = envelopes.message(lsn, prefix, content, transactional);
      if (transactional) this.#put(this.#messageTopic, record);
      else delivery.add(this.#messageTopic, record);
    }
    if (!transactional) this.#end(lsn, nowMs() * 1000, known || own ? 0 : 1);
  }
}

const whole = (tuple: Tuple, lender: Tuple | null): EventRow => ({ tuple, shape: 'whole', lender });
const identity = (tuple: Tuple): EventRow => ({ tuple, shape: 'identity', lender: null });

/**
 * The tuple that surely holds the key: an old full row does, also where the new one leaves an unchanged
 * TOAST out.
 */
function keyed(row: Tuple, old: Tuple, kind: RowChange['old']): Tuple {
  return kind === 'full' ? old : row;
}
