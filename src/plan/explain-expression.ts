import type { DataType, Field } from '../core/mod.ts';
import type { Expression, LiteralValue } from './expression.ts';
import { calciteType } from './types/print.ts';

/** An expression as EXPLAIN prints it, operators before their operands: `*(price, 2)`. */
export function explainExpression(expression: Expression, fields: readonly Field[]): string {
  const print = (e: Expression) => explainExpression(e, fields);
  switch (expression.kind) {
    case 'column':
      return fields[expression.index]?.name ?? `$${expression.index}`;
    case 'literal':
      return literalText(expression.value, expression.type);
    case 'cast':
      return `${expression.safe ? 'TRY_CAST' : 'CAST'}(${print(expression.operand)} AS ${calciteType(expression.type)})`;
    case 'case': {
      const branches = expression.branches.flatMap(b => [print(b.when), print(b.then)]);
      return `CASE(${[...branches, print(expression.otherwise)].join(', ')})`;
    }
    case 'call': {
      const [row, index] = expression.operands;
      if (expression.name === 'FIELD' && row?.type.kind === 'ROW' && index?.kind === 'literal') {
        return `${print(row)}.${row.type.fields[Number(index.value)]!.name}`;
      }
      return callText(expression.name, expression.operands.map(print));
    }
  }
}

function callText(name: string, operands: readonly string[]): string {
  if (name.startsWith('IS ') && operands.length === 1) return `${operands[0]} ${name}`;
  if (name === 'NEGATE') return `-(${operands.join(', ')})`;
  return `${name}(${operands.join(', ')})`;
}

function literalText(value: LiteralValue, type: DataType): string {
  if (value === null) return `null:${calciteType(type)}`;
  switch (type.kind) {
    case 'DECIMAL':
      return decimalText(BigInt(value as bigint), type.scale);
    case 'INTERVAL_DAY_TIME':
      return `${value}:INTERVAL DAY TO SECOND`;
    case 'INTERVAL_YEAR_MONTH':
      return `${value}:INTERVAL YEAR TO MONTH`;
    case 'DATE':
      return new Date(Number(value) * 86_400_000).toISOString().slice(0, 10);
    default:
      return otherText(value);
  }
}

function otherText(value: NonNullable<LiteralValue>): string {
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  if (value instanceof Uint8Array)
    return `X'${Array.from(value, b => b.toString(16).padStart(2, '0')).join('')}'`;
  if (typeof value === 'object')
    return new Date(value.millis).toISOString().replace('T', ' ').replace('Z', '');
  return String(value);
}

function decimalText(unscaled: bigint, scale: number): string {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const cut = digits.length - scale;
  const text = scale === 0 ? digits : `${digits.slice(0, cut)}.${digits.slice(cut)}`;
  return unscaled < 0n ? `-${text}` : text;
}
