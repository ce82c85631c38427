import { MillraceError } from './errors.ts';

/** Stop on a bug of ours; on in production. `sentence` says what should have held. */
export function assert(condition: unknown, sentence: string): asserts condition {
  if (!condition) throw new MillraceError('INTERNAL', `assertion failed: ${sentence}`);
}

/** The end of an exhaustive `switch`. */
export function unreachable(value: never): never {
  throw new MillraceError('INTERNAL', `unreachable: ${JSON.stringify(value)}`);
}
