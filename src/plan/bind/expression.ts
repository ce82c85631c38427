import { assert, type DataType, unreachable } from '../../core/mod.ts';
import type { FunctionCall, SqlExpression, TimeUnit } from '../../sql/mod.ts';
import { sqlInvalid, sqlUnsupported } from '../../sql/mod.ts';
import { call, coerce, column, exactBelow, literal, stringLiteral } from '../build-expression.ts';
import { outerColumn } from '../correlation.ts';
import type { Expression, SourcePosition } from '../expression.ts';
import { AGGREGATES, OVER_FUNCTIONS } from '../functions/aggregates.ts';
import { bindCase } from '../functions/conditions.ts';
import { FLINK_FUNCTIONS, functionNamed } from '../functions/table.ts';
import { bindUserCall, type FunctionEntry, userFunction } from '../functions/user-functions.ts';
import type { Scope } from '../scope.ts';
import { castRefusal } from '../types/casts.ts';
import { isInteger, isString, simple, withNullable } from '../types/kinds.ts';
import { calciteType, typeFamily } from '../types/print.ts';
import { bindComparison } from './comparison.ts';
import { bindLiteral } from './literal.ts';
import { bindArray, bindField, bindItem, bindMap, bindRow } from './nested.ts';
import { bindArithmetic, bindConcat, bindDifference, bindLogic, bindNegation } from './operators.ts';

/**
 * Turns syntax into typed expressions over the columns of a scope. `intercept` is asked first for every node:
 * it stands for what an aggregate query has computed already.
 */
export class ExpressionBinder {
  readonly #scope: Scope;
  readonly #intercept: (node: SqlExpression) => Expression | null;

  constructor(scope: Scope, intercept: (node: SqlExpression) => Expression | null = () => null) {
    this.#scope = scope;
    this.#intercept = intercept;
  }

  /** Binds an expression. */
  bind(node: SqlExpression): Expression {
    return this.#intercept(node) ?? bindLiteral(node) ?? this.#bindOther(node);
  }

  /** Binds a condition: anything but BOOLEAN is refused. */
  bindCondition(node: SqlExpression, clause: string): Expression {
    const condition = this.bind(node);
    if (condition.type.kind === 'NULL') return literal(null, simple('BOOLEAN'));
    if (condition.type.kind !== 'BOOLEAN') {
      const sentence = clause === 'WHEN' ? 'Expected a boolean type' : `${clause} clause must be a condition`;
      throw sqlInvalid(node.at, sentence);
    }
    return condition;
  }

  #bindOther(node: SqlExpression): Expression {
    switch (node.kind) {
      case 'column':
        return this.#column(node.parts, node.at);
      case 'unary':
        return this.#unary(node);
      case 'binary':
        return this.#binary(node);
      case 'is':
        return this.#is(node);
      case 'distinctFrom':
        return this.#distinctFrom(node);
      case 'between':
        return this.#between(node);
      case 'in':
        return this.#in(node);
      case 'like':
        return this.#like(node);
      case 'case':
        return this.#case(node);
      case 'cast':
        return this.#cast(node);
      case 'call':
        return this.#call(node);
      case 'difference':
        return bindDifference(this.bind(node.left), this.bind(node.right), node.unit, node.at);
      case 'field':
        return bindField(this.bind(node.operand), node.name, node.at);
      case 'item':
        return bindItem(this.bind(node.operand), this.bind(node.index), node.at);
      case 'row':
        return bindRow(this.#all(node.items), node.at);
      case 'array':
        return bindArray(this.#all(node.items), node.at);
      case 'map':
        return bindMap(this.#all(node.items), node.at);
      default:
        return refuseSyntax(node);
    }
  }

  #column(parts: readonly string[], at: SourcePosition): Expression {
    const { column: found, rest, depth } = this.#scope.resolve(parts, at);
    if (depth > 1) throw sqlUnsupported(at, 'a column of a query two levels up');
    const base = depth === 0 ? column(found.index, found.type) : outerColumn(found.index, found.type, at);
    if (rest.length > 0 && found.type.kind !== 'ROW') throw sqlInvalid(at, `Table '${parts[0]}' not found`);
    const path = (to: number) => [found.name, ...rest.slice(0, to + 1)].join('.');
    const missing = (to: number) =>
      `Column '${path(to)}' not found in table '${found.qualifier ?? found.name}'`;
    return rest.reduce<Expression>((row, name, i) => bindField(row, name, at, missing(i)), base);
  }

  #all(nodes: readonly SqlExpression[]): readonly Expression[] {
    return nodes.map(node => this.bind(node));
  }

  #unary(node: SqlExpression & { kind: 'unary' }): Expression {
    const operand = this.bind(node.operand);
    if (node.operator === '-') return bindNegation(operand, node.at);
    if (node.operator === 'NOT') return not(operand, node.at);
    return operand;
  }

  #binary(node: SqlExpression & { kind: 'binary' }): Expression {
    const left = this.bind(node.left);
    const right = this.bind(node.right);
    switch (node.operator) {
      case 'AND':
      case 'OR':
        return bindLogic(node.operator, left, right, node.at);
      case '||':
        return bindConcat(left, right, node.at);
      case '+':
      case '-':
      case '*':
      case '/':
      case '%':
        return bindArithmetic(node.operator, left, right, node.at);
      case '!=':
        throw sqlInvalid(node.at, "Bang equal '!=' is not allowed under the current SQL conformance level");
      default:
        return bindComparison(node.operator, left, right, node.at);
    }
  }

  #is(node: SqlExpression & { kind: 'is' }): Expression {
    const operand = this.bind(node.operand);
    if (node.test.startsWith('JSON')) return bindIsJson(operand, node.test, node.negated, node.at);
    const test = node.test === 'UNKNOWN' ? 'NULL' : node.test;
    if (node.test !== 'NULL' && operand.type.kind !== 'BOOLEAN') {
      throw sqlInvalid(
        node.at,
        `Cannot apply 'IS ${node.test}' to arguments of type '<${calciteType(operand.type)}> IS ${node.test}'. ` +
          `Supported form(s): '<BOOLEAN> IS ${node.test}'`,
      );
    }
    return call(`IS ${node.negated ? 'NOT ' : ''}${test}`, [operand], simple('BOOLEAN', false), node.at);
  }

  #distinctFrom(node: SqlExpression & { kind: 'distinctFrom' }): Expression {
    const name = node.negated ? 'IS NOT DISTINCT FROM' : 'IS DISTINCT FROM';
    const compared = bindComparison(name, this.bind(node.left), this.bind(node.right), node.at);
    return { ...compared, type: simple('BOOLEAN', false) } as Expression;
  }

  /** `x BETWEEN a AND b` is `x >= a AND x <= b`; SYMMETRIC takes the bounds in either order. */
  #between(node: SqlExpression & { kind: 'between' }): Expression {
    const operand = this.bind(node.operand);
    const [low, high] = [this.bind(node.low), this.bind(node.high)];
    const within = (from: Expression, to: Expression) =>
      bindLogic(
        'AND',
        bindComparison('>=', operand, from, node.at),
        bindComparison('<=', operand, to, node.at),
        node.at,
      );
    const between = node.symmetric
      ? bindLogic('OR', within(low, high), within(high, low), node.at)
      : within(low, high);
    return node.negated ? not(between, node.at) : between;
  }

  /** `x IN (a, b)` is `x = a OR x = b`; among constants of one type it stays IN, for a set. */
  #in(node: SqlExpression & { kind: 'in' }): Expression {
    if ('kind' in node.items)
      throw sqlUnsupported(node.at, 'IN with a query other than in an AND of WHERE or HAVING');
    const operand = this.bind(node.operand);
    const items = node.items.map(item => this.bind(item));
    const listed = items.flatMap(item => asListed(item, operand, node.at));
    const compared = listed.length === 0 ? items : listed;
    const comparisons = compared.map(item => bindComparison('=', operand, item, node.at));
    const found = comparisons.length === 1 ? comparisons[0]! : inSet(operand, comparisons, node.at);
    return node.negated ? not(found, node.at) : found;
  }

  #like(node: SqlExpression & { kind: 'like' }): Expression {
    const operands = [node.operand, node.pattern, ...(node.escape === null ? [] : [node.escape])].map(n =>
      this.bind(n),
    );
    if (!operands.every(operand => isString(operand.type) || operand.type.kind === 'NULL')) {
      const [a, b] = operands;
      throw sqlInvalid(
        node.at,
        `Cannot apply '${node.operator}' to arguments of type '<${calciteType(a!.type)}> ${node.operator} ` +
          `<${calciteType(b!.type)}>'. Supported form(s): '<STRING> ${node.operator} <STRING>'`,
      );
    }
    checkEscape(operands[2], node.at);
    if (node.operator === 'LIKE') checkEscapes(operands[1], operands[2], node.at);
    const nullable = operands.some(operand => operand.type.nullable);
    const like = call(node.operator, operands, simple('BOOLEAN', nullable), node.at);
    return node.negated ? not(like, node.at) : like;
  }

  #case(node: SqlExpression & { kind: 'case' }): Expression {
    const operand = node.operand === null ? null : this.bind(node.operand);
    const branches = node.branches.map(b => ({
      when:
        operand === null
          ? this.bindCondition(b.when, 'WHEN')
          : bindComparison('=', operand, this.bind(b.when), b.when.at),
      result: this.bind(b.result),
    }));
    const otherwise =
      node.otherwise === null ? literal(null, { kind: 'NULL', nullable: true }) : this.bind(node.otherwise);
    return bindCase(branches, otherwise, node.at);
  }

  #cast(node: SqlExpression & { kind: 'cast' }): Expression {
    const operand = this.bind(node.operand);
    const refusal = castRefusal(operand.type, node.type);
    if (refusal !== null) throw sqlInvalid(node.at, refusal);
    const type: DataType = withNullable(node.type, operand.type.nullable || node.safe);
    if (operand.type.kind === 'NULL') return literal(null, withNullable(node.type, true));
    if (node.unit !== undefined && isInteger(operand.type)) return intervalOf(operand, node.unit, node.at);
    return { kind: 'cast', operand: exactBelow(operand, type), type, safe: node.safe, at: node.at };
  }

  #call(node: FunctionCall): Expression {
    const name = node.name.parts.join('.').toUpperCase();
    const before = userFunction(node.name.parts, true);
    if (before !== undefined) return this.#userCall(before, node);
    if (node.over !== null) {
      throw sqlInvalid(node.at, 'Windowed aggregate expression is illegal here: it needs a SELECT list');
    }
    if (OVER_FUNCTIONS.has(name)) throw sqlInvalid(node.at, 'OVER clause is necessary for window functions');
    if (AGGREGATES.has(name)) {
      throw sqlInvalid(
        node.at,
        `Aggregate expression ${name} is illegal here: it needs a SELECT list or HAVING`,
      );
    }
    if (node.filter !== null)
      throw sqlInvalid(node.at, `FILTER must not be used with ${name}, which is no aggregate`);
    if (node.distinct)
      throw sqlInvalid(node.at, `DISTINCT must not be used with ${name}, which is no aggregate`);
    const definition = functionNamed(name);
    if (definition === undefined && FLINK_FUNCTIONS.has(name)) {
      throw sqlUnsupported(node.at, `the function ${name}`);
    }
    const own = definition === undefined ? userFunction(node.name.parts, false) : undefined;
    if (own !== undefined) return this.#userCall(own, node);
    if (definition?.bindSyntax !== undefined) return definition.bindSyntax(node, arg => this.bind(arg));
    const args = node.args.map(arg => this.#argument(arg));
    if (definition !== undefined) return definition.bind({ name, args, at: node.at });
    const given = args.map(arg => `<${typeFamily(arg.type)}>`).join(', ');
    throw sqlInvalid(node.at, `No match found for function signature ${node.name.parts.join('.')}(${given})`);
  }

  #userCall(entry: FunctionEntry, node: FunctionCall): Expression {
    const args = node.args.map(arg => this.#argument(arg));
    return bindUserCall(entry, { name: entry.name, args, at: node.at });
  }

  #argument(node: SqlExpression): Expression {
    return node.kind === 'keyword' ? stringLiteral(node.word) : this.bind(node);
  }
}

/** `IS [NOT] JSON …`: never NULL. */
function bindIsJson(operand: Expression, test: string, negated: boolean, at: SourcePosition): Expression {
  if (!isString(operand.type) && operand.type.kind !== 'NULL') {
    throw sqlInvalid(
      at,
      `Cannot apply 'IS ${test}' to arguments of type '<${calciteType(operand.type)}> IS ${test}'. ` +
        `Supported form(s): '<CHARACTER> IS ${test}'`,
    );
  }
  return call(`IS ${negated ? 'NOT ' : ''}${test}`, [operand], simple('BOOLEAN', false), at);
}

/** CAST(n AS INTERVAL unit): so many units. */
function intervalOf(count: Expression, unit: TimeUnit, at: SourcePosition): Expression {
  const one = bindLiteral({
    kind: 'interval',
    negative: false,
    value: '1',
    from: unit,
    precision: null,
    to: null,
    at,
  });
  assert(one !== null, 'an interval is a literal');
  return bindArithmetic('*', one, count, at);
}

/** ESCAPE takes one character. */
function checkEscape(operand: Expression | undefined, at: SourcePosition): void {
  if (operand?.kind !== 'literal' || typeof operand.value !== 'string') return;
  if (Array.from(operand.value).length !== 1)
    throw sqlInvalid(at, `Invalid escape character '${operand.value}'`);
}

/** In a constant pattern the escape character stands before itself, `%` or `_` alone. */
function checkEscapes(
  pattern: Expression | undefined,
  mark: Expression | undefined,
  at: SourcePosition,
): void {
  const [text, sign] = [pattern, mark].map(x => (x?.kind === 'literal' ? x.value : null));
  if (typeof text !== 'string' || typeof sign !== 'string') return;
  for (let i = text.indexOf(sign); i >= 0; i = text.indexOf(sign, i + 2)) {
    const next = text[i + 1] ?? '';
    if (next === '' || !`%_${sign}`.includes(next))
      throw sqlInvalid(at, `Invalid escape sequence '${text}', ${i}`);
  }
}

/** NOT; null stays null. */
export function not(operand: Expression, at: SourcePosition): Expression {
  if (operand.type.kind !== 'BOOLEAN') {
    throw sqlInvalid(
      at,
      `Cannot apply 'NOT' to arguments of type 'NOT<${calciteType(operand.type)}>'. Supported form(s): 'NOT<BOOLEAN>'`,
    );
  }
  return call('NOT', [operand], operand.type, at);
}

/**
 * In a list, unlike beside `=`, texts are read as the whole numbers they are compared with; a constant that is
 * none equals nothing and is left out.
 */
function asListed(item: Expression, operand: Expression, at: SourcePosition): readonly Expression[] {
  if (!isInteger(operand.type) || !isString(item.type)) return [item];
  if (item.kind === 'literal' && !/^\s*[+-]?\d{1,18}\s*$/.test(String(item.value))) return [];
  return [coerce(item, operand.type, at)];
}

function inSet(operand: Expression, comparisons: readonly Expression[], at: SourcePosition): Expression {
  const nullable = comparisons.some(comparison => comparison.type.nullable);
  const type = simple('BOOLEAN', nullable);
  const items = comparisons.map(comparison => {
    assert(comparison.kind === 'call', 'a comparison is a call');
    return { compared: comparison.operands[0]!, item: comparison.operands[1]! };
  });
  const plain = items.every(({ compared, item }) => compared === operand && item.kind === 'literal');
  if (!plain) return call('OR', comparisons, type, at);
  return call('IN', [operand, ...items.map(({ item }) => item)], type, at);
}

function refuseSyntax(node: SqlExpression): never {
  switch (node.kind) {
    case 'star':
      throw sqlInvalid(node.at, "found '*', expected an expression");
    case 'subquery':
      throw sqlUnsupported(node.at, 'a query as an expression');
    case 'exists':
      throw sqlUnsupported(node.at, 'EXISTS other than in an AND of WHERE or HAVING');
    case 'named':
      throw sqlUnsupported(node.at, 'a named argument of this function');
    case 'keyword':
      throw sqlInvalid(node.at, `found '${node.word}', expected an expression`);
    case 'descriptor':
    case 'tableArgument':
      throw sqlInvalid(node.at, 'found an argument of a table function, expected an expression');
    default:
      unreachable(node as never);
  }
}
