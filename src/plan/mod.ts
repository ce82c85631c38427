/**
 * From a parsed statement to a physical plan: catalog, binder, rules, changelog mode, watermarks, explain.
 */
export type * from './expression.ts';
export type * from './physical.ts';
