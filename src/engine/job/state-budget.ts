import { MillraceError } from '../../core/mod.ts';

const MB = 1 << 20;
/** Of the limit, for the staged output of one job. */
const STAGED_SHARE = 1 / 8;

/** How much memory the states of all jobs may take together, and what they take. */
export class StateBudget {
  readonly maxBytes: number;
  readonly #bytes = new Map<string, number>();

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /**
   * How much output one of a job's tasks may stage in memory. It is no state: who has more waits for a
   * checkpoint, and does not end.
   */
  stagedBytesMax(tasks: number): number {
    return (this.maxBytes * STAGED_SHARE) / tasks;
  }

  /** What all jobs take, as last told. */
  get bytes(): number {
    return [...this.#bytes.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Refuses a job while the others leave no room. */
  admit(job: string): void {
    const others = this.bytes - (this.#bytes.get(job) ?? 0);
    if (others > this.maxBytes) throw this.#refusal(job, 'can not start');
  }

  /**
   * A job's state takes `bytes` now. Above the limit the job with the most is the one that ends: it is the one
   * whose end makes room.
   */
  report(job: string, bytes: number): void {
    this.#bytes.set(job, bytes);
    if (this.bytes <= this.maxBytes) return;
    if (bytes >= Math.max(...this.#bytes.values())) throw this.#refusal(job, 'ends');
  }

  /** The job has ended. */
  release(job: string): void {
    this.#bytes.delete(job);
  }

  #refusal(job: string, what: string): MillraceError {
    const own = Math.round((this.#bytes.get(job) ?? 0) / MB);
    return new MillraceError(
      'STATE_TOO_LARGE',
      `job ${job} ${what}: the states of all jobs take ${Math.round(this.bytes / MB)} MB, its own ${own} MB, and ` +
        `engine.memory.max-mb allows ${Math.round(this.maxBytes / MB)}. Give rows a time to live ` +
        `(table.exec.state.ttl), or allow more.`,
    );
  }
}
