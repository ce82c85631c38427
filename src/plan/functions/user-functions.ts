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

/** What calls mean in the session that is bound. */
export interface CallSession {
  readonly resolve: FunctionResolver;
  /** The database of the last USE. */
  currentDatabase(): string;
}

let session: CallSession = { resolve: () => undefined, currentDatabase: () => 'default_database' };

/** What `bind` returns while calls mean what `within` says: a binder has no other way to the catalog. */
export function bindingWith<T>(within: CallSession, bind: () => T): T {
  const before = session;
  session = within;
  try {
    return bind();
  } finally {
    session = before;
  }
}

/** What CURRENT_DATABASE() is, in a view too that was made in another database. */
export const currentDatabase = (): string => session.currentDatabase();

/** The user's function of a name, if there is one. */
export function userFunction(parts: readonly string[], beforeOwn: boolean): FunctionEntry | undefined {
  return session.resolve(
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
