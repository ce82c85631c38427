import { type Clock, MillraceError } from '../../core/mod.ts';
import type { Log } from '../../log/mod.ts';
import type { CaptureConfig } from './config.ts';
import type { Delivery } from './delivery.ts';
import type { Gate } from './gate.ts';
import { printLsn, readLsn } from './lsn.ts';
import type { Progress } from './progress.ts';
import { slotLost } from './slot.ts';
import type { StreamReader } from './stream-read.ts';
import { type RawSession, serverError } from './wire.ts';

/** The parts that a stream joins. */
export interface StreamLoopOptions {
  readonly config: CaptureConfig;
  readonly clock: Clock;
  readonly gate: Gate;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly raw: RawSession;
  readonly reader: StreamReader;
  readonly delivery: Delivery;
  readonly log: Log;
  readonly position: number;
  readonly onStreaming: () => void;
}

const COPY_DATA = 0x64;
const COPY_BOTH = 0x57;
const ERROR = 0x45;
const XLOG_DATA = 0x77;
const KEEPALIVE = 0x6b;
/** XLogData: type, Int64 start, Int64 end of WAL, Int64 time. */
const XLOG_DATA_HEADER_BYTES = 25;
const STATUS_INTERVAL_MS_MAX = 500;
/** PostgreSQL's epoch, 2000-01-01, in ms. */
const POSTGRES_EPOCH_MS = 946_684_800_000;

/**
 * Stream until the connection ends or the log fails, which throws. The server is told the durable position
 * only: what
 * it may forget is in the log.
 */
export async function runStream(options: StreamLoopOptions): Promise<never> {
  const { config, raw, position } = options;
  const publication = `'"${config.publication.replaceAll('"', '""').replaceAll("'", "''")}"'`;
  raw.query(
    `START_REPLICATION SLOT ${config.slot} LOGICAL ${printLsn(position)} ` +
      `(proto_version '1', publication_names ${publication}, messages 'true')`,
  );
  const ended = new AbortController();
  const signal = AbortSignal.any([options.signal, ended.signal]);
  const timers = Promise.all([repeatStatus(options, signal), repeatHeartbeat(options, signal)]);
  try {
    // A timer that fails (the log refuses a heartbeat) ends the stream as well.
    return await Promise.race([readFrames(options), timers.then(() => new Promise<never>(() => undefined))]);
  } finally {
    ended.abort();
    await timers.catch(() => undefined);
  }
}

async function readFrames(options: StreamLoopOptions): Promise<never> {
  const { raw, delivery } = options;
  for await (const framer of raw.frames()) {
    for (let frame = framer.next(); frame !== null; frame = framer.next()) {
      if (frame.type === COPY_DATA) {
        const wait = copyData(options, frame.bytes, frame.from);
        if (wait !== undefined) await wait;
      } else if (frame.type === COPY_BOTH) options.onStreaming();
      else if (frame.type === ERROR)
        throw streamError(options.config, serverError(frame.bytes, frame.from, frame.end));
    }
    if (delivery.full) await delivery.room();
  }
  throw new MillraceError('CAPTURE_FAILED', 'the change stream ended');
}

function copyData(options: StreamLoopOptions, bytes: Uint8Array, from: number): Promise<void> | undefined {
  const { reader, progress } = options;
  if (bytes[from] === XLOG_DATA) {
    progress.serverEnd(readLsn(bytes, from + 9));
    return reader.message(bytes, from + XLOG_DATA_HEADER_BYTES, readLsn(bytes, from + 1));
  }
  if (bytes[from] === KEEPALIVE) return keepalive(options, readLsn(bytes, from + 1), bytes[from + 17] === 1);
  return undefined;
}

/** The server has sent everything before `walEnd`. With nothing open, that position is as good as durable. */
function keepalive(
  options: StreamLoopOptions,
  walEnd: number,
  replyAsked: boolean,
): Promise<void> | undefined {
  const { reader, progress, gate } = options;
  progress.serverEnd(walEnd);
  if (reader.idle) progress.idleAt(walEnd);
  if (replyAsked) sendStatus(options);
  if (reader.inTransaction || !gate.holds(walEnd)) return undefined;
  return options.delivery.drained().then(() => gate.see(walEnd));
}

/**
 * Standby status update: `r`, Int64 received, Int64 flushed, Int64 applied, Int64 clock, Byte no reply
 * wanted.
 */
function sendStatus({ raw, progress, clock }: StreamLoopOptions): void {
  const body = Buffer.alloc(34);
  body[0] = 0x72;
  const durable = BigInt(progress.lsnDurable);
  body.writeBigUInt64BE(BigInt(Math.max(progress.lsnReceived, progress.lsnDurable)), 1);
  body.writeBigUInt64BE(durable, 9);
  body.writeBigUInt64BE(durable, 17);
  body.writeBigInt64BE(BigInt(Math.floor((clock.nowMs() - POSTGRES_EPOCH_MS) * 1000)), 25);
  raw.send(COPY_DATA, body);
}

async function repeatStatus(options: StreamLoopOptions, signal: AbortSignal): Promise<void> {
  const intervalMs = Math.min(options.config.statusIntervalMs, STATUS_INTERVAL_MS_MAX);
  while (await slept(options.clock, intervalMs, signal)) sendStatus(options);
}

/** Debezium's heartbeat: not part of any source transaction, and nothing is lost with it. */
async function repeatHeartbeat(options: StreamLoopOptions, signal: AbortSignal): Promise<void> {
  const { config, delivery, log, clock } = options;
  if (config.heartbeatIntervalMs === 0) return;
  const topic = `__debezium-heartbeat.${config.prefix}`;
  await delivery.ensureTopic(topic);
  const key = Buffer.from(JSON.stringify({ serverName: config.prefix }));
  while (await slept(clock, config.heartbeatIntervalMs, signal)) {
    const value = Buffer.from(JSON.stringify({ ts_ms: Math.floor(clock.nowMs()) }));
    await log.append({ topic, partition: 0 }, [{ key, value }]);
  }
}

/** False when the signal aborted. */
async function slept(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.sleep(ms, signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

function streamError(config: CaptureConfig, cause: Error & { code?: string }): MillraceError {
  // 55000 and 58P01: the slot's WAL is gone. 42xxx: slot or publication is not there, or not allowed.
  if (/can no longer|already been removed/.test(cause.message)) return slotLost(config, cause.message);
  const code = cause.code?.startsWith('42') ? 'CAPTURE_UNSUPPORTED' : 'CAPTURE_FAILED';
  return new MillraceError(code, `slot ${config.slot}: ${cause.message}`, { cause });
}
