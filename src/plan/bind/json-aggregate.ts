import type { FunctionCall, SqlExpression } from '../../sql/mod.ts';
import { sqlInvalid } from '../../sql/mod.ts';
import { call, stringLiteral } from '../build-expression.ts';
import type { Expression, SourcePosition } from '../expression.ts';
import { checkWritable, clauseOf } from '../functions/json.ts';
import { isString, varchar, withNullable } from '../types/kinds.ts';

/** Signs that no JSON text holds: between entries, and between key and value. */
const ENTRY_END = '\u0000';
const KEY_END = '\u0001';

/** Flink's type of both aggregates. */
const RESULT = varchar(2000, false);

type Bind = (node: SqlExpression) => Expression;
/** LISTAGG of a text with a separator. */
type Join = (text: Expression, separator: string) => Expression;

/**
 * JSON_ARRAYAGG and JSON_OBJECTAGG: each row's JSON text is put together by LISTAGG, the brackets around it
 * by a scalar function.
 */
export function bindJsonAggregate(name: string, node: FunctionCall, bind: Bind, join: Join): Expression {
  const clause = clauseOf(node, ' ON NULL');
  return name === 'JSON_ARRAYAGG'
    ? bindArray(node, bind, join, clause === 'NULL')
    : bindObject(node, bind, join, clause !== 'ABSENT');
}

function bindArray(node: FunctionCall, bind: Bind, join: Join, keepsNulls: boolean): Expression {
  const items = join(textOf(bind(node.args[0]!), keepsNulls, node.at), ',');
  const inner = orElse(items, '', node.at);
  return call('CONCAT', [stringLiteral('['), inner, stringLiteral(']')], RESULT, node.at);
}

function bindObject(node: FunctionCall, bind: Bind, join: Join, keepsNulls: boolean): Expression {
  const [key, , value] = node.args;
  const name = bind(key!);
  if (!isString(name.type)) throw sqlInvalid(key!.at, 'The keys of JSON_OBJECTAGG must be character strings');
  const text = textOf(bind(value!), keepsNulls, node.at);
  const type = varchar(2147483647, name.type.nullable || text.type.nullable);
  const entry = call('CONCAT', [textOf(name, false, node.at), stringLiteral(KEY_END), text], type, node.at);
  return call('JSON_ENTRIES', [orElse(join(entry, ENTRY_END), '', node.at)], RESULT, node.at);
}

/** The JSON text of a value; of a NULL the word or nothing. */
function textOf(x: Expression, keepsNulls: boolean, at: SourcePosition): Expression {
  checkWritable(x, at);
  const text = call('JSON_STRING', [x], varchar(2147483647, x.type.nullable), at);
  return keepsNulls ? orElse(text, 'null', at) : text;
}

function orElse(text: Expression, word: string, at: SourcePosition): Expression {
  if (!text.type.nullable) return text;
  return call('COALESCE', [text, stringLiteral(word)], withNullable(text.type, false), at);
}
