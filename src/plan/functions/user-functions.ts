import type { ScalarFunction } from '../../contract/mod.ts';
import { printType } from '../../core/mod.ts';
import { sqlInvalid } from '../../sql/mod.ts';
import { coerce } from '../build-expression.ts';
import type { Expression } from '../expression.ts';
import { isImplicitCast } from '../types/casts.ts';
import type { BoundCall } from './definition.ts';

/** A function of CREATE FUNCTION. */
export interface FunctionEntry {
  /** As it is called in SQL, in lower case. */
  readonly name: string;
  readonly kind: 'temporary system' | 'temporary' | 'permanent';
  readonly function: ScalarFunction;
}

/** Finds a function by the parts of its name, in lower case; `beforeOwn` asks for those that hide Flink's own. */
export type FunctionResolver = (parts: readonly string[], beforeOwn: boolean) => FunctionEntry | undefined;

let resolver: FunctionResolver = () => undefined;

/** What `bind` returns while calls are looked up by `resolve`: a binder has no other way to the catalog. */
export function bindingWith<T>(resolve: FunctionResolver, bind: () => T): T {
  const before = resolver;
  resolver = resolve;
  try {
    return bind();
  } finally {
    resolver = before;
  }
}

/** The user's function of a name, if there is one. */
export function userFunction(parts: readonly string[], beforeOwn: boolean): FunctionEntry | undefined {
  return resolver(
    parts.map(part => part.toLowerCase()),
    beforeOwn,
  );
}

/** A call of a user's function, its arguments cast as Flink does without being asked. */
export function bindUserCall({ name, function: f }: FunctionEntry, bound: BoundCall): Expression {
  const { args, at } = bound;
  const fits =
    args.length === f.parameters.length &&
    args.every((arg, i) => {
      const wanted = f.parameters[i]!;
      return isImplicitCast(arg.type, wanted) && (wanted.nullable || !arg.type.nullable);
    });
  if (!fits) {
    const types = (list: readonly string[]) => `${name}(${list.join(', ')})`;
    throw sqlInvalid(
      at,
      `Invalid function call:\n${types(args.map(arg => printType(arg.type)))}\nCause: Invalid input arguments. ` +
        `Expected signatures are:\n${types(f.parameters.map(printType))}`,
    );
  }
  const operands = args.map((arg, i) => coerce(arg, f.parameters[i]!, at));
  return { kind: 'call', name, operands, type: f.returns, at, user: f.id };
}
