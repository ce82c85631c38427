import { MillraceError } from '../../core/mod.ts';
import type { SourcePosition } from '../../plan/mod.ts';

/** The error of an expression that failed on a row, with its place in the statement. */
export function expressionFailed(at: SourcePosition, sentence: string): MillraceError {
  const place = `line ${at.line}, column ${at.column}`;
  return new MillraceError('EXPRESSION_FAILED', `${place}: ${sentence}`, { position: at });
}
