/** Expressions to JavaScript over columns. */
export { compileCalc } from './calc.ts';
export { expressionFailed } from './failure.ts';
export { compilePairFilter, compilePredicate, type PairFilter } from './predicate.ts';
export { type SessionContext, sessionOf } from './runtime/mod.ts';
export { bigOf } from './runtime/small-integers.ts';
