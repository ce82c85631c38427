import type { DataType } from '../../core/mod.ts';
import { sqlInvalid } from '../../sql/mod.ts';
import { bindComparison } from '../bind/comparison.ts';
import { branch, call, coerce, literal } from '../build-expression.ts';
import type { Expression } from '../expression.ts';
import { withNullable } from '../types/kinds.ts';
import { commonType } from '../types/merge.ts';
import { flinkType } from '../types/print.ts';
import { type BoundCall, cannotApply, type FunctionDefinition } from './definition.ts';

/** CASE over bound branches: the results are cast to their common type. */
export function bindCase(
  branches: readonly { readonly when: Expression; readonly result: Expression }[],
  otherwise: Expression,
  at: BoundCall['at'],
): Expression {
  const results = [...branches.map(b => b.result), otherwise];
  const type = commonType(results.map(result => result.type));
  if (type === null) throw sqlInvalid(at, 'Illegal mixing of types in CASE or COALESCE statement');
  if (type.kind === 'NULL') throw sqlInvalid(at, 'ELSE clause or at least one THEN clause must be non-NULL');
  return {
    kind: 'case',
    branches: branches.map(b => branch(b.when, coerce(b.result, type, at))),
    otherwise: coerce(otherwise, type, at),
    type,
  };
}

function coalesce(bound: BoundCall): Expression {
  if (bound.args.length === 0)
    throw sqlInvalid(bound.at, `Invalid number of arguments to function '${bound.name}'`);
  const type = commonType(bound.args.map(arg => arg.type));
  if (type === null) throw sqlInvalid(bound.at, 'Invalid input arguments.');
  const nullable = bound.args.every(arg => arg.type.nullable);
  const operands = bound.args.filter(arg => arg.type.kind !== 'NULL').map(arg => coerce(arg, type, bound.at));
  if (operands.length === 0) return literal(null, type);
  if (operands.length === 1) return operands[0]!;
  return call('COALESCE', operands, withNullable(type, nullable), bound.at);
}

function ifNull(bound: BoundCall): Expression {
  if (bound.args.length !== 2) throw cannotApply(bound, ['<ANY>', '<ANY>']);
  return bound.args[0]!.type.nullable ? coalesce(bound) : bound.args[0]!;
}

function nullIf(bound: BoundCall): Expression {
  const [a, b] = bound.args;
  if (a === undefined || b === undefined || bound.args.length !== 2)
    throw cannotApply(bound, ['<ANY>', '<ANY>']);
  const same = bindComparison('=', a, b, bound.at);
  const nothing = literal(null, withNullable(a.type, true));
  return bindCase([{ when: same, result: nothing }], a, bound.at);
}

function bindIf(bound: BoundCall): Expression {
  const [condition, yes, no] = bound.args;
  if (no === undefined || bound.args.length !== 3 || condition!.type.kind !== 'BOOLEAN') {
    throw cannotApply(bound, ['<BOOLEAN>', '<ANY>', '<ANY>']);
  }
  const bindIfCase = bindCase([{ when: condition!, result: yes! }], no, bound.at);
  return condition!.type.nullable
    ? ({ ...bindIfCase, type: withNullable(bindIfCase.type, true) } as Expression)
    : bindIfCase;
}

/** GREATEST and LEAST: NULL when any argument is. */
const extreme = (name: string): FunctionDefinition => ({
  name,
  group: 'conditional',
  syntax: `${name}(x, y, …)`,
  note: 'NULL when one of them is.',
  bind: bound => {
    const type: DataType | null = commonType(bound.args.map(arg => arg.type));
    if (type === null || bound.args.length === 0) {
      const [a, b] = bound.args;
      throw sqlInvalid(
        bound.at,
        "All types in a comparison should support both 'EQUALS' and 'ORDER' comparison with each other. " +
          `Can not compare ${a === undefined ? '' : flinkType(a.type)} with ${b === undefined ? '' : flinkType(b.type)}`,
      );
    }
    return call(
      name,
      bound.args.map(arg => coerce(arg, type, bound.at)),
      type,
      bound.at,
    );
  },
});

/** Functions that choose. */
export const CONDITIONAL_FUNCTIONS: readonly FunctionDefinition[] = [
  { name: 'COALESCE', group: 'conditional', syntax: 'COALESCE(x, y, …)', note: '', bind: coalesce },
  { name: 'NULLIF', group: 'conditional', syntax: 'NULLIF(x, y)', note: '', bind: nullIf },
  { name: 'IFNULL', group: 'conditional', syntax: 'IFNULL(x, y)', note: '', bind: ifNull },
  { name: 'IF', group: 'conditional', syntax: 'IF(condition, x, y)', note: '', bind: bindIf },
  extreme('GREATEST'),
  extreme('LEAST'),
];
