import type { Expression } from '../../plan/mod.ts';
import type { CodeWriter, Value } from './code.ts';
import { COLLECTION_FUNCTIONS } from './functions-collection.ts';
import { ENCODING_FUNCTIONS } from './functions-encoding.ts';
import { JSON_FUNCTIONS } from './functions-json.ts';
import { NESTED_FUNCTIONS } from './functions-nested.ts';
import { NUMBER_FUNCTIONS } from './functions-number.ts';
import { PATTERN_FUNCTIONS } from './functions-pattern.ts';
import { SESSION_FUNCTIONS } from './functions-session.ts';
import { TEXT_FUNCTIONS } from './functions-text.ts';
import { TIME_FUNCTIONS } from './functions-time.ts';

type Call = Extract<Expression, { kind: 'call' }>;
/** Compiles a call whose operands are computed already. */
export type FunctionCompiler = (w: CodeWriter, call: Call, values: readonly Value[]) => Value;

/** Every function that the engine computes from its operands' values, by canonical name. */
export const FUNCTIONS: Readonly<Record<string, FunctionCompiler>> = {
  ...TEXT_FUNCTIONS,
  ...PATTERN_FUNCTIONS,
  ...NESTED_FUNCTIONS,
  ...COLLECTION_FUNCTIONS,
  ...ENCODING_FUNCTIONS,
  ...JSON_FUNCTIONS,
  ...SESSION_FUNCTIONS,
  ...NUMBER_FUNCTIONS,
  ...TIME_FUNCTIONS,
};
