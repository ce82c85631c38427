import { sqlInvalid } from '../../sql/mod.ts';
import { call, STRING } from '../build-expression.ts';
import type { Expression } from '../expression.ts';
import { isInteger, isString, simple, withNullable } from '../types/kinds.ts';
import { type BoundCall, cannotApply, define, type FunctionDefinition } from './definition.ts';

const regexpNote = "Java's regular expressions.";

/** SPLIT_INDEX(text, separator, index): the separator is a text or the code of one character. */
function splitIndex(bound: BoundCall): Expression {
  const [text, separator, index] = bound.args;
  if (text === undefined || separator === undefined || index === undefined || bound.args.length !== 3) {
    throw sqlInvalid(
      bound.at,
      "Invalid number of arguments to function 'SPLIT_INDEX'. Was expecting 3 arguments",
    );
  }
  const isSeparator = isText(separator) || isInteger(separator.type);
  if (!isText(text) || !isSeparator || !(isInteger(index.type) || index.type.kind === 'NULL')) {
    throw cannotApply(bound, ['<CHARACTER>', '<CHARACTER>', '<INTEGER>']);
  }
  return call('SPLIT_INDEX', bound.args, STRING, bound.at);
}

const isText = (x: Expression): boolean => isString(x.type) || x.type.kind === 'NULL';

/** Functions that look into texts by patterns and separators. */
export const PATTERN_FUNCTIONS: readonly FunctionDefinition[] = [
  define('pattern', 'REGEXP', 'REGEXP(text, pattern)', {
    params: ['string', 'string'],
    result: () => simple('BOOLEAN'),
    note: `${regexpNote} FALSE for a bad or empty pattern.`,
  }),
  define('pattern', 'REGEXP_REPLACE', 'REGEXP_REPLACE(text, pattern, replacement)', {
    params: ['string', 'string', 'string'],
    result: args =>
      withNullable(
        STRING,
        args.some(arg => arg.type.nullable),
      ),
    note: `${regexpNote} The replacement is taken as it is. NULL for a bad pattern.`,
  }),
  define('pattern', 'REGEXP_EXTRACT', 'REGEXP_EXTRACT(text, pattern [, group])', {
    params: ['string', 'string', 'integer'],
    optional: 1,
    nullable: 'always',
    result: () => STRING,
    note: `${regexpNote} NULL where nothing is found and for a bad pattern.`,
  }),
  {
    name: 'SPLIT_INDEX',
    group: 'pattern',
    syntax: 'SPLIT_INDEX(text, separator, index)',
    note: 'From 0; NULL beyond the last part. The separator is a text or the code of a character.',
    bind: splitIndex,
  },
  define('pattern', 'PARSE_URL', 'PARSE_URL(url, part [, key])', {
    params: ['string', 'string', 'string'],
    optional: 1,
    nullable: 'always',
    result: () => STRING,
    note: 'Parts: HOST, PATH, QUERY, REF, PROTOCOL, FILE, AUTHORITY, USERINFO.',
  }),
];
