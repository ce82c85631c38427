import { isUtf8 } from 'node:buffer';
import { MillraceError } from '../../../core/mod.ts';

const NEWLINE = 0x0a;

/**
 * The lines of an input as they come, without their `\n` or `\r\n`; empty ones are passed over. What is no
 * UTF-8 is refused with FORMAT_INVALID, which names the line.
 */
export async function* linesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let before = 0;
  /** The beginning of a line whose end has not come. */
  let begun: Uint8Array[] = [];
  for await (const chunk of input) {
    const end = chunk.lastIndexOf(NEWLINE);
    if (end < 0) {
      begun.push(chunk);
      continue;
    }
    const whole = Buffer.concat([...begun, chunk.subarray(0, end)]);
    begun = [chunk.subarray(end + 1)];
    const lines = decoded(whole, before);
    before += lines.length;
    for (const line of lines) if (line !== '') yield line;
  }
  for (const line of decoded(Buffer.concat(begun), before)) if (line !== '') yield line;
}

function decoded(bytes: Buffer, before: number): string[] {
  if (isUtf8(bytes)) return splitLines(bytes.toString());
  // Bytes as characters: a newline is one byte, and never part of another character.
  const wrong = bytes
    .toString('latin1')
    .split('\n')
    .findIndex(line => !isUtf8(Buffer.from(line, 'latin1')));
  throw new MillraceError(
    'FORMAT_INVALID',
    `line ${before + wrong + 1} of the input is no UTF-8. --whole takes any bytes, as one record; ` +
      'a line of --json has them as "value_base64".',
  );
}

function splitLines(text: string): string[] {
  return text.split('\n').map(line => (line.endsWith('\r') ? line.slice(0, -1) : line));
}
