/**
 * From a parsed statement to a physical plan: catalog, binder, rules, changelog mode, watermarks, explain.
 */
export * from './catalog.ts';
export { explain, explainNode } from './explain.ts';
export type * from './expression.ts';
export { FUNCTIONS } from './functions/table.ts';
export { inputsOf } from './numbering.ts';
export { durationMs, OPTIONS } from './options.ts';
export type * from './physical.ts';
export {
  applyStatement,
  type Options,
  planExplained,
  planQuery,
  planScript,
  type QueryPlan,
  type ScriptPlan,
} from './planner.ts';
export { flinkType } from './types/print.ts';
export { uniqueKeys } from './unique-keys.ts';
