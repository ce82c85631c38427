import type { DataType } from '../../core/mod.ts';
import { sqlInvalid } from '../../sql/mod.ts';
import { call, literal, STRING } from '../build-expression.ts';
import type { Expression } from '../expression.ts';
import { isInteger, isNumeric, isString, simple, withNullable } from '../types/kinds.ts';
import { flinkType } from '../types/print.ts';
import { type BoundCall, cannotApply, DOUBLE, define, type FunctionDefinition, INT } from './definition.ts';
import { currentDatabase } from './user-functions.ts';

/** TYPEOF(x [, serializable]): a constant. */
function typeOf(bound: BoundCall): Expression {
  const [x, serializable] = bound.args;
  const fits = serializable === undefined || serializable.type.kind === 'BOOLEAN';
  if (x === undefined || bound.args.length > 2 || !fits) throw cannotApply(bound, ['<ANY>', '<BOOLEAN>']);
  return literal(flinkType(x.type), STRING);
}

/** IS_ALPHA and its like: never NULL. */
const test = (
  name: string,
  note: string,
  /** Which types of numbers pass without a look. */
  numbers: (type: DataType) => boolean,
): FunctionDefinition => ({
  name,
  group: 'conditional',
  syntax: `${name}(text)`,
  note,
  bind: bound => {
    const [x] = bound.args;
    if (x === undefined || bound.args.length !== 1 || !(isString(x.type) || isNumeric(x.type))) {
      throw cannotApply(bound, ['<CHARACTER>']);
    }
    if (!isString(x.type)) return literal(numbers(x.type), simple('BOOLEAN', false));
    return call(name, [x], simple('BOOLEAN', false), bound.at);
  },
});

/** A call without arguments whose value is a constant of the session. */
const constant = (name: string, note: string, value: () => string): FunctionDefinition => ({
  name,
  group: 'session',
  syntax: `${name}()`,
  note,
  bind: bound => {
    if (bound.args.length > 0) {
      throw sqlInvalid(
        bound.at,
        `Invalid number of arguments to function '${name}'. Was expecting 0 arguments`,
      );
    }
    return literal(value(), withNullable(STRING, false));
  },
});

/** Functions about types, of the session, and those that give another value each time. */
export const SESSION_FUNCTIONS: readonly FunctionDefinition[] = [
  test('IS_ALPHA', 'Letters alone; FALSE for NULL.', () => false),
  test(
    'IS_DECIMAL',
    'A number by its text; FALSE for NULL and, as in Flink, for a DECIMAL.',
    type => type.kind !== 'DECIMAL',
  ),
  test('IS_DIGIT', 'Digits alone; FALSE for NULL.', isInteger),
  {
    name: 'TYPEOF',
    group: 'session',
    syntax: 'TYPEOF(x)',
    note: "The type's name, a constant.",
    bind: typeOf,
  },
  constant('CURRENT_DATABASE', 'The database of the last USE.', currentDatabase),
  define('session', 'UUID', 'UUID()', {
    params: [],
    result: () => ({ kind: 'CHAR', length: 36, nullable: false }),
    nullable: 'never',
    note: 'Another one for each row.',
  }),
  define('session', 'RAND', 'RAND([seed])', {
    params: ['integer'],
    optional: 1,
    result: () => DOUBLE,
    note: "With a seed the numbers are Java's.",
  }),
  define('session', 'RAND_INTEGER', 'RAND_INTEGER([seed,] bound)', {
    params: ['integer', 'integer'],
    optional: 1,
    result: () => INT,
    note: 'From 0 to below the bound.',
  }),
];
