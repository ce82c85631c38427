import { STRING } from '../build-expression.ts';
import { define, type FunctionDefinition } from './definition.ts';

/** Functions over JSON texts. */
export const JSON_FUNCTIONS: readonly FunctionDefinition[] = [
  define('json', 'JSON_VALUE', "JSON_VALUE(text, 'path')", {
    params: ['string', 'string'],
    nullable: 'always',
    result: () => STRING,
    note: 'Lax mode; NULL on empty and on error.',
  }),
];
