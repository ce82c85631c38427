import type pg from 'pg';
import { assert, type Clock, MillraceError } from '../../core/mod.ts';
import type { Log, TransactionalWriter } from '../../log/mod.ts';
import { type Catalog, type CatalogTable, readCatalog } from './catalog.ts';
import type { CaptureConfig } from './config.ts';
import { type CapturePosition, Delivery } from './delivery.ts';
import { EnvelopeWriter } from './encode/envelope.ts';
import { TableEncoder } from './encode/table-encoder.ts';
import type { Gate } from './gate.ts';
import type { Progress } from './progress.ts';
import { preparePublication } from './publication.ts';
import type { RelationMessage } from './read/pgoutput.ts';
import { describes, tableOfRelation } from './relations.ts';
import { createSlot, dropSlot, findSlot, slotLost } from './slot.ts';
import { readSnapshot } from './snapshot-read.ts';
import { planStart, type StartPlan } from './state.ts';
import { runStream } from './stream-loop.ts';
import { type RelationTarget, StreamReader } from './stream-read.ts';
import { connectTo, RawSession } from './wire.ts';

/** What a session works with; the same for all sessions of a capture. */
export interface SessionContext {
  readonly name: string;
  readonly config: CaptureConfig;
  readonly log: Log;
  readonly clock: Clock;
  readonly gate: Gate;
  readonly progress: Progress;
  readonly runId: string;
  readonly version: string;
  readonly signal: AbortSignal;
}

/**
 * One stretch of capture between two failures: its connections, its writer, its catalog. Opened by
 * `openSession`, it
 * reads, streams until something breaks, and is closed for good.
 */
export class CaptureSession {
  readonly plan: StartPlan;
  readonly #context: SessionContext;
  readonly #client: pg.Client;
  readonly #replication: pg.Client;
  readonly #writer: TransactionalWriter;
  readonly #delivery: Delivery;
  readonly #envelopes: EnvelopeWriter;
  readonly #system: string;
  #catalog: Catalog;
  #raw: RawSession[] = [];
  #position: number;

  constructor(context: SessionContext, opened: Opened) {
    this.#context = context;
    this.plan = opened.plan;
    this.#client = opened.client;
    this.#replication = opened.replication;
    this.#writer = opened.writer;
    this.#system = opened.system;
    this.#catalog = opened.catalog;
    this.#position = Number(opened.position?.lsn ?? 0);
    const { config, log, progress, version, runId } = context;
    this.#delivery = new Delivery(opened.writer, log, config.topicPartitions, (lsn, records) =>
      progress.durable(lsn, records),
    );
    this.#envelopes = new EnvelopeWriter({
      version,
      runId,
      connector: 'postgresql',
      prefix: config.prefix,
      database: config.database,
    });
    progress.resumeAt(this.#position);
  }

  /** The initial read (or, without one, the new slot), committed to the log with the position behind it. */
  async read(): Promise<void> {
    const { config, progress } = this.#context;
    if (this.plan === 'readAgain') return this.#readAgain();
    await dropSlot(this.#client, config);
    const slot = await createSlot(this.#replication, config, this.plan === 'freshRead');
    if (slot.lsn <= this.#position) throw slotLost(config, 'the server stands before the stored position');
    progress.readBegins(this.#rowsEstimated());
    if (this.plan === 'freshRead') {
      await this.#readTables(slot.lsn, `set transaction snapshot '${slot.snapshot}'`);
    }
    await this.#commitRead(slot.lsn, slot.lsn);
  }

  /**
   * `snapshot.mode=always` beside a slot: the rows as of now, then, as Debezium does, all changes since the
   * stored
   * position. WAL positions are multiples of 8, so the numbers between are free for such reads.
   */
  async #readAgain(): Promise<void> {
    const { sequence } = this.#writer.state;
    if (sequence % 8 === 7) {
      throw new MillraceError(
        'CAPTURE_UNSUPPORTED',
        `connector ${this.#context.name} was started eight times without a change in between; ` +
          'set snapshot.mode=initial, or change a row',
      );
    }
    this.#context.progress.readBegins(this.#rowsEstimated());
    await this.#readTables(this.#position, null);
    await this.#commitRead(this.#position, sequence + 1);
  }

  async #commitRead(lsn: number, sequence: number): Promise<void> {
    this.#delivery.commit(lsn, this.#system, sequence);
    await this.#delivery.drained();
    this.#position = lsn;
    this.#context.progress.readEnds();
  }

  async #readTables(lsn: number, adopt: string | null): Promise<void> {
    const { config, clock, progress } = this.#context;
    const client = await connectTo(config, false);
    await client.query('begin transaction isolation level repeatable read, read only');
    if (adopt !== null) await client.query(adopt);
    // As of the same moment as the rows: a table altered since the session began is read as it is now.
    const { tables } = await readCatalog(client, config);
    const session = this.#takeOver(client);
    await readSnapshot({
      config,
      tables,
      session,
      lsn,
      delivery: this.#delivery,
      envelopes: this.#envelopes,
      topicOf: table => this.#topicOf(table),
      nowMs: () => clock.nowMs(),
      onRows: rows => progress.rowsRead(rows),
    });
    session.close();
  }

  /** Stream from the position on, until the connection ends, the log fails or the signal aborts. */
  async stream(onStreaming: () => void): Promise<never> {
    const { config, clock, gate, progress, signal } = this.#context;
    this.#catalog = await readCatalog(this.#client, config);
    const raw = this.#takeOver(this.#replication);
    const reader = new StreamReader({
      config,
      gate,
      delivery: this.#delivery,
      envelopes: this.#envelopes,
      system: this.#system,
      position: this.#position,
      nowMs: () => clock.nowMs(),
      resolve: relation => this.#resolve(relation),
      onReceived: (lsn, micros, records) => progress.received(lsn, micros, records),
    });
    const delivery = this.#delivery;
    return runStream({
      config,
      clock,
      gate,
      progress,
      signal,
      raw,
      reader,
      delivery,
      onStreaming,
      position: this.#position,
      log: this.#context.log,
    });
  }

  async #resolve(relation: RelationMessage): Promise<RelationTarget | null> {
    const { config } = this.#context;
    const find = (): CatalogTable | undefined =>
      this.#catalog.tables.find(({ oid }) => oid === relation.relationId);
    const first = !this.#seen.has(relation.relationId);
    this.#seen.add(relation.relationId);
    // Described a second time, something about it has changed: perhaps only what the message does not say.
    if (!first || !describes(find(), relation, this.#catalog.types)) {
      this.#catalog = await readCatalog(this.#client, config);
    }
    const known = find();
    const target = { schema: relation.schema, name: relation.name };
    if (!matches(target, config)) return null;
    const table = tableOfRelation(relation, known, this.#catalog.types);
    return {
      encoder: new TableEncoder(table, { ...config, half: 'streamRead' }),
      topic: this.#topicOf(table),
    };
  }
  readonly #seen = new Set<number>();

  /**
   * What was read becomes durable, connections and writer are closed, and the slot dropped when a stop asks
   * so.
   */
  async close(stopping: boolean): Promise<void> {
    for (const raw of this.#raw) raw.close();
    const { config } = this.#context;
    try {
      await this.#writer.close();
      if (stopping && config.dropSlotOnStop) await this.#dropSlotAtEnd();
    } finally {
      this.#client.end().catch(() => undefined);
      if (this.#raw.length === 0) this.#replication.end().catch(() => undefined);
    }
  }

  /** The server frees a slot a moment after its session has gone. */
  async #dropSlotAtEnd(): Promise<void> {
    const { config, clock } = this.#context;
    for (let attempt = 0; attempt < SLOT_DROP_ATTEMPTS; attempt++) {
      const slot = await findSlot(this.#client, config);
      if (slot === null || !slot.active) break;
      await clock.sleep(SLOT_DROP_WAIT_MS);
    }
    await dropSlot(this.#client, config);
  }

  #takeOver(client: pg.Client): RawSession {
    const raw = new RawSession(client, this.#context.config);
    this.#raw.push(raw);
    this.#context.signal.addEventListener('abort', () => raw.close(), { once: true });
    if (this.#context.signal.aborted) raw.close();
    return raw;
  }

  #topicOf(table: { readonly schema: string; readonly name: string }): string {
    return `${this.#context.config.prefix}.${table.schema}.${table.name}`;
  }

  #rowsEstimated(): number {
    return this.#catalog.tables.reduce((sum, table) => sum + table.rowsEstimated, 0);
  }
}

const SLOT_DROP_ATTEMPTS = 50;
const SLOT_DROP_WAIT_MS = 20;

function matches(
  table: { readonly schema: string; readonly name: string },
  { include, exclude }: CaptureConfig,
): boolean {
  const name = `${table.schema}.${table.name}`;
  if (exclude.some(pattern => pattern.test(name))) return false;
  return include.length === 0 || include.some(pattern => pattern.test(name));
}

interface Opened {
  readonly plan: StartPlan;
  readonly client: pg.Client;
  readonly replication: pg.Client;
  readonly writer: TransactionalWriter;
  readonly catalog: Catalog;
  readonly system: string;
  readonly position: CapturePosition | null;
}

/** Connect, check that server and stored position fit, and decide how to start. */
export async function openSession(context: SessionContext, startedBefore: boolean): Promise<CaptureSession> {
  const { config, name, log } = context;
  const writer = await log.openWriter(`cdc/${name}`);
  const clients: pg.Client[] = [];
  try {
    const client = await connectTo(config, false);
    clients.push(client);
    const replication = await connectTo(config, true);
    clients.push(replication);
    const position = writer.state.position as CapturePosition | null;
    const system = await checkServer(client, replication, config, position);
    const catalog = await readCatalog(client, config);
    if (catalog.tables.length === 0) throw noTables(config);
    await preparePublication(client, config, catalog.tables);
    const slot = await findSlot(client, config);
    const plan = planStart({
      mode: config.snapshotMode,
      dropSlotOnStop: config.dropSlotOnStop,
      hasPosition: position !== null,
      slotExists: slot !== null,
      startedBefore,
    });
    if (plan === 'slotLost') throw slotLost(config, 'it does not exist any more');
    return new CaptureSession(context, { plan, client, replication, writer, catalog, system, position });
  } catch (error) {
    for (const client of clients) client.end().catch(() => undefined);
    await writer.close();
    throw error;
  }
}

async function checkServer(
  client: pg.Client,
  replication: pg.Client,
  config: CaptureConfig,
  position: CapturePosition | null,
): Promise<string> {
  const level = await client.query<{ wal_level: string }>('show wal_level');
  if (level.rows[0]?.wal_level !== 'logical') {
    throw new MillraceError(
      'CAPTURE_UNSUPPORTED',
      `PostgreSQL at ${config.host}:${config.port} has wal_level=${level.rows[0]?.wal_level}; ` +
        'set wal_level=logical and restart it',
    );
  }
  const { rows } = await replication.query<{ systemid: string }>('IDENTIFY_SYSTEM');
  const system = rows[0]?.systemid;
  assert(system !== undefined, 'IDENTIFY_SYSTEM answered nothing');
  if (position === null || position.system === system) return system;
  throw new MillraceError(
    'CAPTURE_UNSUPPORTED',
    `PostgreSQL at ${config.host}:${config.port} has another data directory than the server whose changes are stored; ` +
      'delete the topics of this connector and give it a new name, so that it reads the tables anew',
  );
}

function noTables(config: CaptureConfig): MillraceError {
  return new MillraceError(
    'CAPTURE_UNSUPPORTED',
    `no table of database ${config.database} matches table.include.list; ` +
      'create the tables first, or correct it',
  );
}
