import { MillraceError } from '../core/mod.ts';
import type { Position } from './ast/position.ts';

/** A statement that is wrong at a place: `SQL_INVALID`, the sentence prefixed by line and column. */
export function sqlInvalid(at: Position, sentence: string): MillraceError {
  return new MillraceError('SQL_INVALID', `line ${at.line}, column ${at.column}: ${sentence}`, {
    position: at,
  });
}

/** Flink SQL that Millrace does not run yet: `SQL_UNSUPPORTED`, naming the construct. */
export function sqlUnsupported(at: Position, construct: string): MillraceError {
  return new MillraceError(
    'SQL_UNSUPPORTED',
    `line ${at.line}, column ${at.column}: ${construct} is not supported yet`,
    { position: at },
  );
}
