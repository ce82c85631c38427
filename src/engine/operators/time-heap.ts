/** Ids of rows, the earliest first; of equal times the one that came first. */
export class TimeHeap {
  #times = new Float64Array(64);
  #orders = new Float64Array(64);
  #ids = new Int32Array(64);
  size = 0;

  /** Time of the earliest row; infinite when there is none. */
  get time(): number {
    return this.size === 0 ? Number.POSITIVE_INFINITY : this.#times[0]!;
  }

  push(time: number, order: number, id: number): void {
    if (this.size === this.#ids.length) this.#grow();
    let at = this.size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(time, order, parent)) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#put(at, time, order, id);
  }

  /** Takes the earliest row out. */
  pop(): number {
    const first = this.#ids[0]!;
    const last = --this.size;
    const [time, order, id] = [this.#times[last]!, this.#orders[last]!, this.#ids[last]!];
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= last) break;
      if (child + 1 < last && this.#isBefore(this.#times[child + 1]!, this.#orders[child + 1]!, child))
        child++;
      if (this.#isBefore(time, order, child)) break;
      this.#move(child, at);
      at = child;
    }
    this.#put(at, time, order, id);
    return first;
  }

  clear(): void {
    this.size = 0;
  }

  #isBefore(time: number, order: number, other: number): boolean {
    const t = this.#times[other]!;
    return time < t || (time === t && order < this.#orders[other]!);
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#times[from]!, this.#orders[from]!, this.#ids[from]!);
  }

  #put(at: number, time: number, order: number, id: number): void {
    this.#times[at] = time;
    this.#orders[at] = order;
    this.#ids[at] = id;
  }

  #grow(): void {
    const capacity = this.#ids.length * 2;
    const [times, orders, ids] = [this.#times, this.#orders, this.#ids];
    this.#times = new Float64Array(capacity);
    this.#orders = new Float64Array(capacity);
    this.#ids = new Int32Array(capacity);
    this.#times.set(times);
    this.#orders.set(orders);
    this.#ids.set(ids);
  }
}
