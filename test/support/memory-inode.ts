/** Bytes that grow at their end without a copy for each growth. */
class Bytes {
  #room = new Uint8Array(0);
  #length = 0;

  get view(): Uint8Array {
    return this.#room.subarray(0, this.#length);
  }

  /** Cut, or grown with zeros. */
  resize(length: number): void {
    if (length > this.#room.length) {
      const room = new Uint8Array(Math.max(length, this.#room.length * 2));
      room.set(this.view);
      this.#room = room;
    }
    if (length > this.#length) this.#room.fill(0, this.#length, length);
    this.#length = length;
  }

  put(position: number, bytes: Uint8Array): void {
    this.resize(Math.max(this.#length, position + bytes.length));
    this.#room.set(bytes, position);
  }
}

/** Where two contents may differ. */
interface Range {
  from: number;
  to: number;
}

const NOWHERE: Range = { from: Number.POSITIVE_INFINITY, to: 0 };

const both = (a: Range, b: Range): Range => ({ from: Math.min(a.from, b.from), to: Math.max(a.to, b.to) });

/** A flush under way. */
export interface Flush {
  /** What was seen when it began is durable. */
  store(): void;
  /** It failed, or did nothing: the next one covers it. */
  drop(): void;
}

/** One file: what programs see, and what would still be there after the power went. */
export class Inode {
  readonly #seen = new Bytes();
  readonly #durable = new Bytes();
  #written = NOWHERE;
  #flying = NOWHERE;
  #flights = 0;

  get seen(): Uint8Array {
    return this.#seen.view;
  }

  get durable(): Uint8Array {
    return this.#durable.view;
  }

  write(position: number, bytes: Uint8Array): void {
    this.#touch(Math.min(position, this.seen.length), position + bytes.length);
    this.#seen.put(position, bytes);
  }

  truncate(size: number): void {
    this.#touch(Math.min(size, this.seen.length), size);
    this.#seen.resize(size);
  }

  /** Takes only what was written since the last flush, so that a file may grow by many small ones. */
  flush(): Flush {
    const range = both(this.#written, this.#flying);
    const size = this.seen.length;
    const bytes = this.seen.slice(range.from, range.to);
    this.#written = NOWHERE;
    this.#flying = range;
    this.#flights++;
    const landed = (): void => {
      if (--this.#flights === 0) this.#flying = NOWHERE;
    };
    return {
      store: () => {
        landed();
        this.#durable.resize(size);
        if (bytes.length > 0) this.#durable.put(range.from, bytes);
      },
      drop: () => {
        landed();
        this.#written = both(this.#written, range);
      },
    };
  }

  /** What is seen, and durable, from now on. */
  become(bytes: Uint8Array): void {
    for (const side of [this.#seen, this.#durable]) {
      side.resize(0);
      side.put(0, bytes);
    }
    this.#written = NOWHERE;
  }

  #touch(from: number, to: number): void {
    this.#written = both(this.#written, { from, to });
  }
}
