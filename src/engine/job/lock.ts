/** Runs one piece of work at a time, in the order asked. */
export class Lock {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(work: () => T | Promise<T>): Promise<T> {
    const next = this.#last.then(work);
    this.#last = next.catch(() => undefined); // the caller of that work has its error
    return next;
  }
}
