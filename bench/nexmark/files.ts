import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ByteWriter } from './byte-writer.ts';
import { NexmarkGenerator, type NexmarkOptions } from './generator.ts';

const WRITE_BYTES = 1 << 20;
const LINE_END = 10;

/** The events as a file of JSON lines. */
export function writeLines(path: string, events: number, options: NexmarkOptions): void {
  const generator = new NexmarkGenerator(options);
  const out = new ByteWriter(WRITE_BYTES * 2);
  const file = openSync(path, 'w');
  for (let made = 0; made < events; ) {
    out.used = 0;
    for (; out.used < WRITE_BYTES && made < events; made++) {
      generator.write(out);
      out.byte(LINE_END);
    }
    writeSync(file, out.bytes, 0, out.used);
  }
  closeSync(file);
}

/** The lines of all files in a folder; those that are hidden are not committed. */
export function readLines(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && !/^[._]/.test(entry.name))
    .flatMap(entry => readFileSync(join(entry.parentPath, entry.name), 'utf8').split('\n'))
    .filter(line => line !== '');
}
