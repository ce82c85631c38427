/**
 * From a parsed statement to a physical plan: catalog, binder, rules, changelog mode, watermarks, explain.
 */
export { digestOf } from './build-expression.ts';
export * from './catalog.ts';
export * from './connector-options.ts';
export type { StatementAnswer } from './describe.ts';
export { explain, explainNode } from './explain.ts';
export type * from './expression.ts';
export type { FunctionLibrary } from './function-catalog.ts';
export { AGGREGATES, SUPPORTED_AGGREGATES } from './functions/aggregates.ts';
export { datePatternFault, type PatternFault, simplePatternFault } from './functions/date-pattern.ts';
export { FLINK_FUNCTIONS, FUNCTIONS } from './functions/table.ts';
export { type JoinReach, joinReach } from './join-reach.ts';
export type { SortKey } from './logical-over.ts';
export { inputsOf } from './numbering.ts';
export { durationMs, OPTIONS } from './options.ts';
export type * from './physical.ts';
export type * from './physical-join.ts';
export type * from './physical-over.ts';
export type * from './physical-rank.ts';
export type * from './physical-sink.ts';
export type * from './physical-sort.ts';
export type * from './physical-unnest.ts';
export type * from './physical-window.ts';
export { type Options, planQuery, planScript, type QueryPlan } from './planner.ts';
export { flinkType } from './types/print.ts';
export { keptByKey } from './unique-keys.ts';
export type * from './window-spec.ts';
