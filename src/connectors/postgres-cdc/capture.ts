import { randomBytes } from 'node:crypto';
import { type Clock, MillraceError, messageOf } from '../../core/mod.ts';
import type { Log } from '../../log/mod.ts';
import { type CaptureConfig, readConfig } from './config.ts';
import { Gate } from './gate.ts';
import { type CaptureStatus, Progress } from './progress.ts';
import { type CaptureSession, openSession, type SessionContext } from './session.ts';
import { type CaptureAction, type CaptureEvent, type CaptureState, INITIAL_STATE, step } from './state.ts';

/** Where capture says what happens to it. pino's shape. */
export interface CaptureLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface CaptureOptions {
  /** The connector's name: its position is stored under it. */
  readonly name: string;
  /** A Kafka Connect config of Debezium's PostgreSQL connector. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly log: Log;
  readonly clock: Clock;
  /**
   * Partitions of topics that capture creates; the config's topic.creation.default.partitions when left out.
   */
  readonly createTopicPartitions?: number;
  readonly onStatus?: (status: CaptureStatus) => void;
  readonly logger?: CaptureLogger;
}

/** A running capture. */
export interface CaptureHandle {
  status(): CaptureStatus;
  /** Resolves when changes are streamed for the first time; rejects when capture fails for good before. */
  whenStreaming(): Promise<void>;
  /**
   * Hold back source transactions that commit at or after `lsn`. Resolves when all before are durable in the
   * log and
   * something at or after it was seen: emit a logical message with prefix `millrace` right after asking.
   */
  holdBefore(lsn: bigint): Promise<void>;
  /** Let held transactions go on. */
  release(): void;
  /** Everything received is made durable, then connections and writer are closed. */
  stop(): Promise<void>;
}

/** Version that events name in `source.version`. */
const VERSION = 'millrace-0.1.0';

/**
 * Capture the tables of a PostgreSQL database into the log: the rows that are there, then every change, each
 * source
 * transaction once. CONFIG_INVALID at once; what happens later shows in the status.
 */
export function startCapture(options: CaptureOptions): CaptureHandle {
  const read = readConfig(options.name, options.config);
  const partitions = options.createTopicPartitions;
  const capture = new Capture(
    options,
    partitions === undefined ? read : { ...read, topicPartitions: partitions },
  );
  capture.start();
  return capture;
}

class Capture implements CaptureHandle {
  readonly #options: CaptureOptions;
  readonly #context: SessionContext;
  readonly #stopping = new AbortController();
  readonly #gate = new Gate();
  readonly #progress: Progress;
  readonly #streaming = withResolvers();
  #state: CaptureState = INITIAL_STATE;
  #session: CaptureSession | null = null;
  #startedBefore = false;
  /** What ended it for good. */
  #failure: unknown = null;
  #running: Promise<void> = Promise.resolve();

  constructor(options: CaptureOptions, config: CaptureConfig) {
    this.#options = options;
    this.#progress = new Progress(options.name, options.clock);
    // Whoever does not wait for the stream learns of a failure from the status.
    this.#streaming.promise.catch(() => undefined);
    this.#context = {
      name: options.name,
      config,
      log: options.log,
      clock: options.clock,
      gate: this.#gate,
      progress: this.#progress,
      runId: newRunId(options.clock.nowMs()),
      version: VERSION,
      signal: this.#stopping.signal,
    };
  }

  start(): void {
    this.#running = this.#run();
  }

  status(): CaptureStatus {
    return this.#progress.status();
  }

  whenStreaming(): Promise<void> {
    return this.#streaming.promise;
  }

  holdBefore(lsn: bigint): Promise<void> {
    this.#gate.hold(Number(lsn));
    return this.#gate.arrived();
  }

  release(): void {
    this.#gate.release();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new MillraceError('CAPTURE_FAILED', 'the capture was stopped'));
    this.#gate.release();
    await this.#running;
  }

  /** Carry out actions until there is none. Every failure becomes an event. */
  async #run(): Promise<void> {
    let action: CaptureAction = { kind: 'connect' };
    while (action.kind !== 'end') {
      const event = await this.#outcomeOf(action);
      action = this.#take(event);
    }
    await this.#closeSession();
    this.#streaming.reject(this.#failure ?? new MillraceError('CAPTURE_FAILED', 'the capture was stopped'));
  }

  async #outcomeOf(action: CaptureAction): Promise<CaptureEvent> {
    try {
      const event = await this.#carryOut(action);
      return this.#stopping.signal.aborted ? { kind: 'stop' } : event;
    } catch (error) {
      if (this.#stopping.signal.aborted) return { kind: 'stop' };
      return this.#broke(error);
    }
  }

  async #carryOut(action: CaptureAction): Promise<CaptureEvent> {
    switch (action.kind) {
      case 'connect':
        this.#session = await openSession(this.#context, this.#startedBefore);
        return { kind: 'planned', plan: this.#session.plan };
      case 'read':
        await this.#session!.read();
        this.#startedBefore = true;
        return { kind: 'readCommitted' };
      case 'stream':
        this.#startedBefore = true;
        return await this.#session!.stream(() => this.#onStreaming());
      case 'wait':
        await this.#closeSession();
        await this.#options.clock.sleep(action.ms, this.#stopping.signal);
        return { kind: 'waited' };
      default:
        return { kind: 'stop' };
    }
  }

  #onStreaming(): void {
    this.#take({ kind: 'streaming' });
    this.#progress.lastError = null;
    this.#streaming.resolve();
    this.#take({ kind: 'progressed' });
    this.#options.logger?.info({ connector: this.#options.name }, 'streaming changes');
  }

  #take(event: CaptureEvent): CaptureAction {
    const { state, action } = step(this.#state, event);
    const changed = state.phase !== this.#state.phase;
    this.#state = state;
    this.#progress.phase = state.phase;
    if (changed) this.#options.onStatus?.(this.status());
    return action;
  }

  #broke(error: unknown): CaptureEvent {
    const sentence = messageOf(error);
    const retry = isWorthRetrying(error);
    if (!retry) this.#failure = error;
    this.#progress.lastError = sentence;
    const message = retry ? 'capture broke and is resumed' : 'capture failed';
    this.#options.logger?.warn({ connector: this.#options.name, error: sentence }, message);
    return { kind: 'broke', retry };
  }

  async #closeSession(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    try {
      await session?.close(this.#state.phase === 'stopped');
    } catch (error) {
      // The stream's own failure is what counts; a close that fails as well adds the reason that is left.
      this.#progress.lastError ??= messageOf(error);
      this.#options.logger?.warn(
        { connector: this.#options.name, error: messageOf(error) },
        'closing failed',
      );
    }
  }
}

/** Wrong logins and missing rights do not mend themselves; a server that is away does. */
function isWorthRetrying(error: unknown): boolean {
  const cause = error instanceof MillraceError && error.cause !== undefined ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (/^(?:28|42)[0-9A-Z]{3}$/.test(code)) return false;
  return error instanceof MillraceError ? error.retry : true;
}

function withResolvers() {
  let resolve: () => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** UUID version 7, as Debezium names a run. */
function newRunId(nowMs: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Math.floor(nowMs), 0, 6);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
