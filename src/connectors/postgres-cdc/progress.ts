import type { Clock } from '../../core/mod.ts';
import type { Phase } from './state.ts';

/** How a capture stands: for status, metrics and the console. */
export interface CaptureStatus {
  readonly name: string;
  readonly phase: Phase;
  /** Rows of the initial read so far, and the planner's estimate of all. */
  readonly rowsRead: number;
  readonly rowsTotal: number;
  /** End of the last transaction received, and of the last one durable in the log. */
  readonly lsnReceived: bigint;
  readonly lsnDurable: bigint;
  /** WAL of the server that is not durable in the log yet. */
  readonly lagBytes: number;
  /** Age of the oldest transaction received and not durable; 0 when there is none. */
  readonly lagMs: number;
  /** Records per second into the log, over the last seconds. */
  readonly recordsPerSecond: number;
  readonly records: number;
  readonly transactions: number;
  /** The last error's sentence, null once capture has gone on. */
  readonly lastError: string | null;
}

const RATE_WINDOW_MS = 5_000;

/** Counts what the sessions of a capture do. */
export class Progress {
  phase: Phase = 'connecting';
  lastError: string | null = null;
  readonly #clock: Clock;
  readonly #name: string;
  #rowsRead = 0;
  #rowsTotal = 0;
  #received = 0;
  #durable = 0;
  #serverEnd = 0;
  #records = 0;
  #transactions = 0;
  #rate: { atMs: number; records: number }[] = [];
  /** Received transactions that are not durable yet. */
  #waiting: { lsn: number; micros: number }[] = [];

  constructor(name: string, clock: Clock) {
    this.#name = name;
    this.#clock = clock;
  }

  get lsnReceived(): number {
    return this.#received;
  }

  get lsnDurable(): number {
    return this.#durable;
  }

  /** A session begins behind `lsn`; what an earlier one had received but not stored comes again. */
  resumeAt(lsn: number): void {
    this.#received = lsn;
    this.#durable = Math.max(this.#durable, lsn);
    this.#waiting = [];
  }

  readBegins(rowsEstimated: number): void {
    this.#rowsRead = 0;
    this.#rowsTotal = rowsEstimated;
  }

  rowsRead(rows: number): void {
    this.#rowsRead += rows;
  }

  readEnds(): void {
    this.#rowsTotal = this.#rowsRead;
  }

  received(lsn: number, micros: number, records: number): void {
    this.#received = Math.max(this.#received, lsn);
    if (records > 0 && lsn > this.#durable) this.#waiting.push({ lsn, micros });
  }

  durable(lsn: number, records: number): void {
    this.#durable = Math.max(this.#durable, lsn);
    this.#transactions++;
    this.#records += records;
    let done = 0;
    while (done < this.#waiting.length && this.#waiting[done]!.lsn <= lsn) done++;
    if (done > 0) this.#waiting.splice(0, done);
    this.#note();
  }

  /** The server has sent everything up to `lsn`, and nothing of it is open: it counts as stored. */
  idleAt(lsn: number): void {
    this.#received = Math.max(this.#received, lsn);
    this.#durable = Math.max(this.#durable, lsn);
  }

  serverEnd(lsn: number): void {
    this.#serverEnd = Math.max(this.#serverEnd, lsn);
  }

  status(): CaptureStatus {
    const oldest = this.#waiting[0];
    return {
      name: this.#name,
      phase: this.phase,
      rowsRead: this.#rowsRead,
      rowsTotal: Math.max(this.#rowsTotal, this.#rowsRead),
      lsnReceived: BigInt(this.#received),
      lsnDurable: BigInt(this.#durable),
      lagBytes: Math.max(0, this.#serverEnd - this.#durable),
      lagMs: oldest === undefined ? 0 : Math.max(0, this.#clock.nowMs() - oldest.micros / 1000),
      recordsPerSecond: this.#recordsPerSecond(),
      records: this.#records,
      transactions: this.#transactions,
      lastError: this.lastError,
    };
  }

  #note(): void {
    const nowMs = this.#clock.monotonicMs();
    const last = this.#rate.at(-1);
    // Ten marks a second are enough for a rate over seconds.
    if (last !== undefined && nowMs - last.atMs < 100) return;
    this.#rate.push({ atMs: nowMs, records: this.#records });
    while (this.#rate.length > 1 && nowMs - this.#rate[0]!.atMs > RATE_WINDOW_MS) this.#rate.shift();
  }

  #recordsPerSecond(): number {
    const from = this.#rate[0];
    const elapsedMs = this.#clock.monotonicMs() - (from?.atMs ?? 0);
    if (from === undefined || elapsedMs < 1) return 0;
    const stale = this.#clock.monotonicMs() - this.#rate.at(-1)!.atMs > RATE_WINDOW_MS;
    return stale ? 0 : ((this.#records - from.records) * 1000) / elapsedMs;
  }
}
