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
  /** 0 for a column of this query, 1 for one of the query around it, and so on. */
  readonly depth: number;
}

/** The columns in reach of an expression, in order. */
export class Scope {
  readonly columns: readonly ScopeColumn[];
  /** The query around, where this is the scope of a subquery. */
  readonly outer: Scope | null;

  constructor(columns: readonly ScopeColumn[], outer: Scope | null = null) {
    this.columns = columns;
    this.outer = outer;
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
    if (column !== undefined) return { column, rest: parts.slice(isTable ? 2 : 1), depth: 0 };
    const around = isTable ? null : this.#fromOuter(parts, at);
    if (around === null) throw this.#notFound(parts, isTable, at);
    return around;
  }

  /** The column as the query around knows it; what that query doesn't know either is this one's error. */
  #fromOuter(parts: readonly string[], at: SourcePosition): Resolved | null {
    if (this.outer?.knows(parts) !== true) return null;
    const found = this.outer.resolve(parts, at);
    return { ...found, depth: found.depth + 1 };
  }

  /** True when the name means something here or in a query around. */
  knows([first, second]: readonly string[]): boolean {
    const here = this.columns.some(
      c => (second !== undefined && c.qualifier === first) || (c.name === first && !c.hidden),
    );
    return here || this.outer?.knows(second === undefined ? [first!] : [first!, second]) === true;
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
