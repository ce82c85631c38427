/**
 * Holds source transactions back at their boundary. `validate` uses it to compare the log with the source as
 * of one
 * position: everything before is durable in the log, nothing after is in it.
 */
export class Gate {
  #at: number | null = null;
  #reached = false;
  #arrived: (() => void)[] = [];
  #opened: (() => void)[] = [];

  /** Hold what commits at or after `lsn`; the earlier of two gates holds. */
  hold(lsn: number): void {
    if (this.#at === null || lsn < this.#at) this.#at = lsn;
  }

  /** Resolves when something at or after the gate has been seen. */
  arrived(): Promise<void> {
    if (this.#reached || this.#at === null) return Promise.resolve();
    return new Promise(resolve => {
      this.#arrived.push(resolve);
    });
  }

  /** True when what commits at `lsn` has to wait. */
  holds(lsn: number): boolean {
    return this.#at !== null && lsn >= this.#at;
  }

  /** The stream has come to `lsn` with nothing open before it. */
  see(lsn: number): void {
    if (!this.holds(lsn)) return;
    this.#reached = true;
    for (const resolve of this.#arrived.splice(0)) resolve();
  }

  /** Resolves when the gate is open. */
  opened(): Promise<void> {
    if (this.#at === null) return Promise.resolve();
    return new Promise(resolve => {
      this.#opened.push(resolve);
    });
  }

  release(): void {
    this.#at = null;
    this.#reached = false;
    for (const resolve of this.#arrived.splice(0)) resolve();
    for (const resolve of this.#opened.splice(0)) resolve();
  }
}
