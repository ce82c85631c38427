import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const CHUNK_BYTES = 1 << 19;
const NEWLINE = 10;
const RETURN = 13;

/** Lines of one file, read in pieces that begin and end at lines. */
export class LineFile {
  readonly #fd: number;
  readonly #fileBytes: number;
  #memory = new Uint8Array(CHUNK_BYTES);
  /** Where the piece lies in the file. */
  base: number;
  #pieceBytes = 0;
  /** The lines of the piece, without their ends; empty ones left out. */
  starts = new Int32Array(1024);
  ends = new Int32Array(1024);
  count = 0;

  constructor(path: string, offset: number) {
    this.#fd = openSync(path, 'r');
    this.#fileBytes = fstatSync(this.#fd).size;
    this.base = offset;
  }

  /** Reads the next piece; null at the end of the file. The bytes are borrowed until the next call. */
  next(): Uint8Array | null {
    this.base += this.#pieceBytes;
    this.#pieceBytes = 0;
    this.count = 0;
    for (;;) {
      const wanted = Math.min(this.#memory.length, this.#fileBytes - this.base);
      if (wanted <= 0) return null;
      const read = readSync(this.#fd, this.#memory, 0, wanted, this.base);
      if (read === 0) return null;
      const isLast = this.base + read >= this.#fileBytes;
      const piece = this.#memory.subarray(0, read);
      const end = isLast ? read : piece.lastIndexOf(NEWLINE) + 1;
      if (end > 0) return this.#lines(piece.subarray(0, end));
      this.#memory = new Uint8Array(this.#memory.length * 2); // a line longer than the memory
    }
  }

  #lines(piece: Uint8Array): Uint8Array {
    this.#pieceBytes = piece.length;
    for (let start = 0; start < piece.length; ) {
      const found = piece.indexOf(NEWLINE, start);
      const next = found < 0 ? piece.length : found + 1;
      let end = found < 0 ? piece.length : found;
      if (end > start && piece[end - 1] === RETURN) end--;
      if (end > start) this.#add(start, end);
      start = next;
    }
    return piece;
  }

  #add(start: number, end: number): void {
    if (this.count === this.starts.length) {
      const [starts, ends] = [new Int32Array(this.count * 2), new Int32Array(this.count * 2)];
      starts.set(this.starts);
      ends.set(this.ends);
      [this.starts, this.ends] = [starts, ends];
    }
    this.starts[this.count] = start;
    this.ends[this.count++] = end;
  }

  /** Where the piece that was read ends in the file. */
  get pieceEnd(): number {
    return this.base + this.#pieceBytes;
  }

  close(): void {
    closeSync(this.#fd);
  }
}
