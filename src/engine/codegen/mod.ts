/** Expressions to JavaScript over columns. */
export { type CalcKernel, compileCalc } from './calc.ts';
export { compilePredicate } from './predicate.ts';
export { makeRuntime, type SessionContext, sessionOf } from './runtime/mod.ts';
