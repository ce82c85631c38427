import { type DataType, MillraceError, physicalTypeOf } from '../../core/mod.ts';
import type { SourcePosition } from '../../plan/mod.ts';
import { expressionFailed } from './failure.ts';

/**
 * A compiled value: source text for the generated function. `isNull` and `code` are cheap to repeat; `code`
 * may
 * be evaluated only where `isNull` is false. JavaScript values by physical type: bool boolean, i32 and f64
 * number, i64 and decimals bigint, strings string, binaries Uint8Array, timestamps number (`nanos` beside),
 * nested types the plain `RowValue`.
 */
export interface Value {
  readonly type: DataType;
  readonly isNull: string;
  readonly code: string;
  readonly nanos: string;
  /** Bytes that can be read in place instead of decoding them: an argument list `data, from, length`. */
  readonly range: string | null;
  /** Of bytes that are made anew only now and then: a variable that changes whenever they do. */
  readonly mark?: string;
  /** Where a nested value lies, if in a column: the column's variable, its names' prefix and the row. */
  readonly cell?: { readonly column: string; readonly prefix: string; readonly row: string };
  /** The fields of a row that was made here; such a row is not null. */
  readonly parts?: readonly Value[];
  /** For a BIGINT within ±2^52: code of the same value as a JavaScript number. */
  readonly small?: string;
  /** Code of a BIGINT or of a DECIMAL's unscaled value as a JavaScript number, NaN beyond ±2^53. */
  readonly exact?: () => string;
  /** The literal's value, where it is one. */
  readonly literal?: unknown;
}

/** Where a column's cells are: the name of the array of columns, the index in it and the row variable. */
export interface ColumnPlace {
  readonly columns: string;
  readonly index: number;
  readonly row: string;
}

/**
 * Collects the text of one generated function. Only fixed words, indices and generated names are ever
 * written;
 * whatever a user wrote goes through `constant`.
 */
export class CodeWriter {
  readonly hoisted: string[] = [];
  readonly constants: unknown[] = [];
  readonly place: (index: number) => ColumnPlace;
  #lines: string[] = [];
  #names = 0;
  readonly #known = new Set<string>();
  /** What is computed already, by block: a value may be used again where its block encloses the place. */
  #scopes: Map<string, Value>[] = [new Map()];

  constructor(place: (index: number) => ColumnPlace) {
    this.place = place;
  }

  name(prefix: string): string {
    return `${prefix}${this.#names++}`;
  }

  line(text: string): void {
    this.#lines.push(text);
    for (const sign of text) {
      if (sign === '{') this.#scopes.push(new Map());
      else if (sign === '}' && this.#scopes.length > 1) this.#scopes.pop();
    }
  }

  /** A value remembered in this block or one around it. */
  recall(key: string): Value | undefined {
    for (const scope of this.#scopes) {
      const value = scope.get(key);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** Remember a value whose names are declared in the current block. */
  remember(key: string, value: Value): void {
    this.#scopes.at(-1)!.set(key, value);
  }

  /** A declaration before the loop, once per key. */
  hoist(key: string, text: string): void {
    if (this.#known.has(key)) return;
    this.#known.add(key);
    this.hoisted.push(text);
  }

  /** The name of a value handed to the function beside its text. */
  constant(value: unknown): string {
    const name = `k${this.constants.length}`;
    this.constants.push(value);
    this.hoisted.push(`const ${name} = constants[${this.constants.length - 1}];`);
    return name;
  }

  /** The lines written since the last take. */
  take(): string {
    const text = this.#lines.join('\n');
    this.#lines = [];
    this.#scopes = [new Map()];
    return text;
  }
}

/** An `or` of null tests. */
export function anyNull(values: readonly Value[]): string {
  const tests = [...new Set(values.map(v => v.isNull).filter(test => test !== 'false'))];
  if (tests.includes('true')) return 'true';
  return tests.length === 0 ? 'false' : `(${tests.join(' || ')})`;
}

/** The placeholder of a null, of the JavaScript type that the value has, so that code stays monomorphic. */
export function placeholder(type: DataType): string {
  switch (physicalTypeOf(type)) {
    case 'bool':
      return 'false';
    case 'i64':
    case 'decimal64':
    case 'decimal128':
      return '0n';
    case 'bytes':
      return "''";
    case 'list':
    case 'map':
    case 'struct':
      return 'null';
    default:
      return '0';
  }
}

export const isFine = (type: DataType): boolean =>
  (type.kind === 'TIMESTAMP' || type.kind === 'TIMESTAMP_LTZ') && type.precision > 3;

/**
 * Names of a result that statements assign: value, null flag and, for fine timestamps, nanoseconds. Texts and
 * binaries are kept as ranges of bytes where they come as such (`…d` is null where the value itself is set).
 */
export class Result {
  readonly type: DataType;
  readonly name: string;
  readonly #w: CodeWriter;
  #ranges = false;
  #values = false;

  constructor(w: CodeWriter, type: DataType) {
    this.#w = w;
    this.type = type;
    this.name = w.name('v');
    const { name } = this;
    const nanos = isFine(type) ? `, ${name}s = 0` : '';
    const range = this.#isBytes ? `, ${name}d = null, ${name}f = 0, ${name}l = 0` : '';
    w.line(`let ${name} = ${placeholder(type)}, ${name}n = true${nanos}${range};`);
  }

  get #isBytes(): boolean {
    return physicalTypeOf(this.type) === 'bytes';
  }

  get value(): Value {
    const { name, type } = this;
    const nanos = isFine(type) ? `${name}s` : '0';
    const base = { type, isNull: `${name}n`, nanos };
    if (!this.#ranges) return { ...base, code: name, range: null };
    const range = `${name}d, ${name}f, ${name}l`;
    const binary = type.kind === 'BINARY' || type.kind === 'VARBINARY';
    const read = `rt.${binary ? 'slice' : 'decode'}(${range})`;
    if (!this.#values) return { ...base, code: read, range };
    return { ...base, code: `(${name}d === null ? ${name} : ${read})`, range: null };
  }

  /** Take over another value. */
  assign(value: Value): void {
    const { name } = this;
    if (value.isNull === 'true') {
      this.#w.line(`${name}n = true;`);
      return;
    }
    const set = this.#setCode(value);
    if (value.isNull === 'false') this.#w.line(`${set} ${name}n = false;`);
    else this.#w.line(`if (!${value.isNull}) { ${set} ${name}n = false; } else ${name}n = true;`);
  }

  #setCode(value: Value): string {
    const { name } = this;
    if (!this.#isBytes) {
      return `${name} = ${value.code};${isFine(this.type) ? ` ${name}s = ${value.nanos};` : ''}`;
    }
    if (value.range === null) {
      this.#values = true;
      return `${name} = ${value.code}; ${name}d = null;`;
    }
    this.#ranges = true;
    const [data, from, length] = value.range.split(', ');
    return `${name}d = ${data}; ${name}f = ${from}; ${name}l = ${length};`;
  }

  /** Assign an expression that may be null (JavaScript's). */
  assignMaybe(code: string): void {
    const t = this.#w.name('t');
    const { name } = this;
    this.#values = true;
    this.#w.line(`const ${t} = ${code}; if (${t} !== null) { ${name} = ${t}; ${name}n = false; }`);
  }
}

/** A value computed only where no operand is null. */
export function strict(
  w: CodeWriter,
  type: DataType,
  operands: readonly Value[],
  code: string,
  maybeNull = false,
  nanos = '0',
): Value {
  const test = anyNull(operands);
  if (test === 'true') return nullValue(type);
  if (test === 'false' && !maybeNull) {
    const name = w.name('v');
    const fine = isFine(type) && nanos !== '0';
    w.line(`const ${name} = ${code}${fine ? `, ${name}s = ${nanos}` : ''};`);
    return { type, code: name, isNull: 'false', nanos: fine ? `${name}s` : '0', range: null };
  }
  const result = new Result(w, type);
  if (test !== 'false') w.line(`if (!${test}) {`);
  if (maybeNull) result.assignMaybe(code);
  else result.assign({ type, code, isNull: 'false', nanos, range: null });
  if (test !== 'false') w.line('}');
  return result.value;
}

export function nullValue(type: DataType): Value {
  return { type, code: placeholder(type), isNull: 'true', nanos: '0', range: null, literal: null };
}

/** Code that stops the job with the expression's position. */
export function failCode(w: CodeWriter, at: SourcePosition, sentence: string): string {
  return `rt.fail(${w.constant(() => expressionFailed(at, sentence))})`;
}

export function unsupported(what: string): never {
  throw new MillraceError('SQL_UNSUPPORTED', `${what} is not supported by the engine yet.`);
}
