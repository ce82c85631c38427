import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  parseExpression,
  parseScript,
  printExpression,
  printScript,
  type SqlExpression,
} from '../../../src/sql/mod.ts';

/** A tree without its places: what must survive printing. */
function shape(tree: unknown): unknown {
  return JSON.parse(JSON.stringify(tree, (key, value: unknown) => (key === 'at' ? undefined : value)));
}

const at = { line: 1, column: 1 };

const leaf = fc.oneof(
  fc.constant<SqlExpression>({ kind: 'null', at }),
  fc.boolean().map((value): SqlExpression => ({ kind: 'boolean', value, at })),
  fc.nat().map((n): SqlExpression => ({ kind: 'number', text: String(n), at })),
  fc.string().map((value): SqlExpression => ({ kind: 'string', value, at })),
  fc
    .array(
      fc.oneof(
        fc.constantFrom('a', 'SELECT', 'b c', 'x`y', 'n', 'day', 'ünï'),
        fc.stringMatching(/^[a-z]\w{0,5}$/),
      ),
      {
        minLength: 1,
        maxLength: 2,
      },
    )
    .map((parts): SqlExpression => ({ kind: 'column', parts, at })),
);

const BINARY = ['OR', 'AND', '=', '<>', '<', '<=', '>', '>=', '+', '-', '*', '/', '%', '||'] as const;

const { tree } = fc.letrec<{ tree: SqlExpression }>(tie => {
  const node = tie('tree');
  const some = fc.array(node, { minLength: 2, maxLength: 3 });
  return {
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc
        .tuple(fc.constantFrom(...BINARY), node, node)
        .map(([operator, left, right]): SqlExpression => ({ kind: 'binary', operator, left, right, at })),
      fc
        .tuple(fc.constantFrom('-' as const, '+' as const, 'NOT' as const), node)
        .map(([operator, operand]): SqlExpression => ({ kind: 'unary', operator, operand, at })),
      fc
        .tuple(node, fc.constantFrom('NULL' as const, 'TRUE' as const, 'UNKNOWN' as const), fc.boolean())
        .map(([operand, test, negated]): SqlExpression => ({ kind: 'is', operand, test, negated, at })),
      fc
        .tuple(node, node, fc.boolean())
        .map(([left, right, negated]): SqlExpression => ({ kind: 'distinctFrom', left, right, negated, at })),
      fc.tuple(node, node, node, fc.boolean(), fc.boolean()).map(
        ([operand, low, high, negated, symmetric]): SqlExpression => ({
          kind: 'between',
          operand,
          low,
          high,
          negated,
          symmetric,
          at,
        }),
      ),
      fc
        .tuple(node, some, fc.boolean())
        .map(([operand, items, negated]): SqlExpression => ({ kind: 'in', operand, items, negated, at })),
      fc.tuple(node, node, fc.option(node), fc.boolean()).map(
        ([operand, pattern, escaped, negated]): SqlExpression => ({
          kind: 'like',
          operator: 'LIKE',
          operand,
          pattern,
          escape: escaped,
          negated,
          at,
        }),
      ),
      fc.tuple(fc.option(node), node, node, fc.option(node)).map(
        ([operand, when, result, otherwise]): SqlExpression => ({
          kind: 'case',
          operand,
          branches: [{ when, result }],
          otherwise,
          at,
        }),
      ),
      fc
        .tuple(some, fc.boolean())
        .map(([items, explicit]): SqlExpression => ({ kind: 'row', items, explicit, at })),
      fc.tuple(node, node).map(([operand, index]): SqlExpression => ({ kind: 'item', operand, index, at })),
      fc.tuple(fc.constantFrom('COUNT', 'coalesce', 'LEFT'), some, fc.boolean(), fc.option(node)).map(
        ([name, args, distinct, filter]): SqlExpression => ({
          kind: 'call',
          name: { parts: [name], at },
          args,
          distinct,
          filter,
          withinGroup: null,
          nullTreatment: null,
          over: null,
          parentheses: true,
          at,
        }),
      ),
    ),
  };
});

test('an expression that is printed parses to itself', () => {
  fc.assert(
    fc.property(tree, expression => {
      expect(shape(parseExpression(printExpression(expression)))).toEqual(shape(expression));
    }),
    { numRuns: 500, seed: 7 },
  );
});

const scripts = [
  ...readdirSync('test/plan')
    .filter(name => name.endsWith('.sql'))
    .map(name => `test/plan/${name}`),
  ...readdirSync('apps/flavor-trend/jobs').map(name => `apps/flavor-trend/jobs/${name}`),
  'test/unit/sql/everything.sql',
];

test.each(scripts)('%s is printed and parses to itself', path => {
  const statements = parseScript(readFileSync(path, 'utf8'));
  expect(shape(parseScript(printScript(statements)))).toEqual(shape(statements));
});
