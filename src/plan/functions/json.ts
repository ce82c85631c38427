import { type DataType, printType } from '../../core/mod.ts';
import { type FunctionCall, type SqlExpression, sqlInvalid } from '../../sql/mod.ts';
import { call, coerce, literal, STRING, stringLiteral } from '../build-expression.ts';
import type { Expression } from '../expression.ts';
import { isDatetime, isInterval, isString, simple, withNullable } from '../types/kinds.ts';
import { calciteType, flinkType } from '../types/print.ts';
import { type BoundCall, cannotApply, type FunctionDefinition } from './definition.ts';

type Bind = (node: SqlExpression) => Expression;

const NOTHING: DataType = { kind: 'NULL', nullable: true };

/** The document and the path, both texts. */
function documentAndPath(node: FunctionCall, bind: Bind): readonly [Expression, Expression] {
  const [document, path] = node.args.slice(0, 2).map(bind) as [Expression, Expression];
  const name = node.name.parts.join('.').toUpperCase();
  for (const x of [document, path]) {
    if (isString(x.type) || x.type.kind === 'NULL') continue;
    throw sqlInvalid(
      node.at,
      `Cannot apply '${name}' to arguments of type '${name}(<${calciteType(document.type)}>, ` +
        `<${calciteType(path.type)}>)'. Supported form(s): '${name}(<ANY>, <CHARACTER>)'`,
    );
  }
  return [coerce(document, STRING, node.at), coerce(path, STRING, node.at)];
}

/** The words of a clause that ends so, without the ending. */
export function clauseOf(node: FunctionCall, ending: string): string | null {
  const words = node.args.flatMap(arg => (arg.kind === 'keyword' ? [arg.word] : []));
  return (
    words
      .find(word => word.endsWith(ending))
      ?.slice(0, -ending.length)
      .trim() ?? null
  );
}

/** The type behind RETURNING, null when there is none. */
function returningOf(node: FunctionCall): DataType | null {
  const at = node.args.findIndex(arg => arg.kind === 'keyword' && arg.word === 'RETURNING');
  const type = at < 0 ? undefined : node.args[at + 1];
  return type?.kind === 'cast' ? type.type : null;
}

function bindExists(node: FunctionCall, bind: Bind): Expression {
  const operands = documentAndPath(node, bind);
  const onError = stringLiteral(clauseOf(node, ' ON ERROR') ?? 'FALSE');
  return call('JSON_EXISTS', [...operands, onError], simple('BOOLEAN'), node.at);
}

function bindValue(node: FunctionCall, bind: Bind): Expression {
  const operands = documentAndPath(node, bind);
  const type = withNullable(returningOf(node) ?? STRING, true);
  if (!['VARCHAR', 'BOOLEAN', 'INT', 'DOUBLE'].includes(type.kind)) {
    throw sqlInvalid(node.at, `Unsupported type '${printType(type)}' for RETURNING in JSON_VALUE().`);
  }
  const clauses = ['EMPTY', 'ERROR'].flatMap(event => {
    const at = node.args.findIndex(arg => arg.kind === 'keyword' && arg.word === `ON ${event}`);
    const value = at < 0 ? literal(null, NOTHING) : bind(node.args[at - 1]!);
    const behaviour = at < 0 ? (clauseOf(node, ` ON ${event}`) ?? 'NULL') : 'DEFAULT';
    return [stringLiteral(behaviour), coerce(value, type, node.at)];
  });
  return call('JSON_VALUE', [...operands, ...clauses], type, node.at);
}

function bindQuery(node: FunctionCall, bind: Bind): Expression {
  const operands = documentAndPath(node, bind);
  const type = returningOf(node);
  const asArray = type?.kind === 'ARRAY' && type.element.kind === 'VARCHAR';
  if (type !== null && type.kind !== 'VARCHAR' && !asArray) {
    throw sqlInvalid(
      node.at,
      `Unsupported array element type '${printType(type)}' for RETURNING ARRAY in JSON_QUERY().`,
    );
  }
  const wrapper = clauseOf(node, ' ARRAY WRAPPER') ?? 'WITHOUT';
  const [onEmpty, onError] = ['EMPTY', 'ERROR'].map(event => clauseOf(node, ` ON ${event}`) ?? 'NULL');
  const clauses = [wrapper, onEmpty!, onError!].map(stringLiteral);
  return call('JSON_QUERY', [...operands, ...clauses], withNullable(type ?? STRING, true), node.at);
}

/** The value, refused when it has no JSON form. */
export function checkWritable(x: Expression, at: FunctionCall['at']): Expression {
  const isTime = isDatetime(x.type) && x.type.kind !== 'TIMESTAMP' && x.type.kind !== 'TIMESTAMP_LTZ';
  if (!isTime && !isInterval(x.type)) return x;
  throw sqlInvalid(at, `Type '${flinkType(x.type)}' is not scalar or cannot be converted into JSON.`);
}

function bindObject(node: FunctionCall, bind: Bind): Expression {
  const clause = clauseOf(node, ' ON NULL');
  const operands: Expression[] = [stringLiteral(`${clause ?? 'NULL'} ON NULL`)];
  for (const [i, arg] of node.args.entries()) {
    if (arg.kind === 'keyword') continue;
    const bound = bind(arg);
    const next = node.args[i + 1];
    const isKey = next?.kind === 'keyword' && next.word === 'VALUE';
    if (isKey && !isString(bound.type)) {
      throw sqlInvalid(arg.at, 'The keys of JSON_OBJECT must be character strings');
    }
    operands.push(isKey ? bound : checkWritable(bound, arg.at));
  }
  return call('JSON_OBJECT', operands, withNullable(STRING, false), node.at);
}

function bindArray(node: FunctionCall, bind: Bind): Expression {
  const clause = clauseOf(node, ' ON NULL');
  const items = node.args.filter(arg => arg.kind !== 'keyword');
  const operands = items.map(arg => checkWritable(bind(arg), arg.at));
  const nulls = stringLiteral(`${clause ?? 'ABSENT'} ON NULL`);
  return call('JSON_ARRAY', [nulls, ...operands], withNullable(STRING, false), node.at);
}

function bindString(bound: BoundCall): Expression {
  const [x] = bound.args;
  if (x === undefined || bound.args.length !== 1) throw cannotApply(bound, ['<ANY>']);
  if (x.type.kind === 'NULL') return literal(null, STRING);
  checkWritable(x, bound.at);
  return call('JSON_STRING', [x], withNullable(STRING, x.type.nullable), bound.at);
}

const withClauses = (
  name: string,
  syntax: string,
  note: string,
  bindSyntax: (node: FunctionCall, bind: Bind) => Expression,
): FunctionDefinition => ({
  name,
  group: 'json',
  syntax: `${name}(${syntax})`,
  note,
  bind: bound => {
    throw cannotApply(bound, ['<ANY>']);
  },
  bindSyntax,
});

/** The SQL/JSON functions. */
export const JSON_FUNCTIONS: readonly FunctionDefinition[] = [
  withClauses('JSON_EXISTS', 'json, path [TRUE | FALSE | UNKNOWN | ERROR ON ERROR]', '', bindExists),
  withClauses(
    'JSON_VALUE',
    'json, path [RETURNING type] [NULL | ERROR | DEFAULT x ON EMPTY] [… ON ERROR]',
    'Types: STRING, BOOLEAN, INT, DOUBLE. Paths without filters and functions; strict unless they begin with lax.',
    bindValue,
  ),
  withClauses(
    'JSON_QUERY',
    'json, path [WITH … WRAPPER] [NULL | EMPTY ARRAY | EMPTY OBJECT | ERROR ON EMPTY] [… ON ERROR]',
    '',
    bindQuery,
  ),
  withClauses(
    'JSON_OBJECT',
    '[KEY] key VALUE value, … [NULL | ABSENT ON NULL]',
    'Keys in order.',
    bindObject,
  ),
  withClauses('JSON_ARRAY', 'value, … [NULL | ABSENT ON NULL]', '', bindArray),
  { name: 'JSON_STRING', group: 'json', syntax: 'JSON_STRING(x)', note: '', bind: bindString },
];
