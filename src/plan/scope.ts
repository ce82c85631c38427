import type { DataType } from '../core/mod.ts';
import { sqlInvalid } from '../sql/mod.ts';
import type { SourcePosition } from './expression.ts';

/** A column that a name may mean. */
export interface ScopeColumn {
  /** Alias or name of the table it comes from; null for a query without alias. */
  readonly qualifier: string | null;
  readonly name: string;
  readonly index: number;
  readonly type: DataType;
  /** Merged away by USING: reachable with its qualifier only, not part of `*`. */
  readonly hidden: boolean;
}

/** What a name resolved to, and the parts of the name that are left: fields of a ROW. */
export interface Resolved {
  readonly column: ScopeColumn;
  readonly rest: readonly string[];
}

/** The columns in reach of an expression, in order. */
export class Scope {
  readonly columns: readonly ScopeColumn[];

  constructor(columns: readonly ScopeColumn[]) {
    this.columns = columns;
  }

  /** Finds the column of a possibly qualified name. */
  resolve(parts: readonly string[], at: SourcePosition): Resolved {
    const [first, second] = parts;
    const isTable = second !== undefined && this.columns.some(c => c.qualifier === first);
    const candidates = isTable
      ? this.columns.filter(c => c.qualifier === first && c.name === second)
      : this.columns.filter(c => c.name === first && !c.hidden);
    if (candidates.length > 1) throw sqlInvalid(at, `Column '${isTable ? second : first}' is ambiguous`);
    const column = candidates[0];
    if (column === undefined) throw this.#notFound(parts, isTable, at);
    return { column, rest: parts.slice(isTable ? 2 : 1) };
  }

  /** The columns `*` or `t.*` stands for. */
  star(qualifier: string | undefined, at: SourcePosition): readonly ScopeColumn[] {
    if (qualifier === undefined) return this.columns.filter(c => !c.hidden);
    const found = this.columns.filter(c => c.qualifier === qualifier);
    if (found.length === 0) throw sqlInvalid(at, `Unknown identifier '${qualifier}'`);
    return found;
  }

  #notFound(parts: readonly string[], isTable: boolean, at: SourcePosition): Error {
    const [first, second] = parts;
    if (isTable) return sqlInvalid(at, `Column '${second}' not found in table '${first}'`);
    if (second !== undefined) return sqlInvalid(at, `Table '${first}' not found`);
    const near = this.columns.find(c => c.name.toLowerCase() === first?.toLowerCase());
    const advice = near === undefined ? '' : `; did you mean '${near.name}'?`;
    return sqlInvalid(at, `Column '${first}' not found in any table${advice}`);
  }
}
