import { MillraceError } from '../../../core/mod.ts';
import {
  datePatternFault,
  type PatternFault,
  type SourcePosition,
  simplePatternFault,
} from '../../../plan/mod.ts';
import { expressionFailed } from '../failure.ts';

/** Patterns are few; texts computed per row must not fill the memory. */
const PATTERNS_MAX = 1000;

/**
 * Gives back a pattern of a time that can be followed; fails for any other, as Java does, where the call
 * stands.
 */
type PatternCheck = (pattern: string, at: SourcePosition) => string;

function checkOf(faultOf: (pattern: string) => PatternFault | null): PatternCheck {
  const good = new Set<string>();
  let last: string | null = null;
  return (pattern, at) => {
    if (pattern === last) return pattern;
    if (!good.has(pattern)) {
      const fault = faultOf(pattern);
      if (fault !== null) throw refused(fault, at);
      if (good.size >= PATTERNS_MAX) good.clear();
      good.add(pattern);
    }
    last = pattern;
    return pattern;
  };
}

function refused({ sentence, isUnsupported }: PatternFault, at: SourcePosition): MillraceError {
  if (!isUnsupported) return expressionFailed(at, sentence);
  const place = `line ${at.line}, column ${at.column}`;
  return new MillraceError('SQL_UNSUPPORTED', `${place}: ${sentence} is not supported`, { position: at });
}

/** Of DATE_FORMAT over timestamps. */
export const datePattern = checkOf(datePatternFault);

/** Of functions that read texts, or write them anew. */
export const simplePattern = checkOf(simplePatternFault);
