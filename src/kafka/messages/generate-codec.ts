import { assert, compileOnce } from '../../core/mod.ts';
import type { Reader } from '../protocol/reader.ts';
import { Writer } from '../protocol/writer.ts';
import { defaultOf, elementBytesMin, isTagged } from './defaults.ts';
import { type Field, type Fields, holds, type Message } from './schema.ts';

/** Both ways of one version of a message. */
export interface Codec {
  read(reader: Reader): unknown;
  write(writer: Writer, value: unknown): void;
}

/**
 * Makes the code of one version of a message. A schema is data of ours, with names checked here: nothing that
 * a peer sends is in the code. What is sent is read by straight code into objects of one shape.
 */
export function generateCodec(message: Message, version: number): Codec {
  const body = new CodecSource(version, version >= message.flexibleFrom).source(message.fields);
  return compileOnce<Codec>({ Writer, NOTHING: new Uint8Array(0), differs, refuseAbsent, present }, body);
}

class CodecSource {
  readonly #version: number;
  readonly #flexible: boolean;
  readonly #functions: string[] = [];

  constructor(version: number, flexible: boolean) {
    this.#version = version;
    this.#flexible = flexible;
  }

  source(fields: Fields): string {
    const read = this.#structReader(fields);
    const write = this.#structWriter(fields);
    return `${this.#functions.join('\n')}\nreturn { read: ${read}, write: ${write} };`;
  }

  #add(body: (name: string) => string): string {
    const name = `f${this.#functions.length}`;
    this.#functions.push('');
    this.#functions[Number(name.slice(1))] = body(name);
    return name;
  }

  #sent(fields: Fields): [string, Field][] {
    return Object.entries(fields).filter(([, field]) => holds(field.versions, this.#version));
  }

  #inline(fields: Fields): [string, Field][] {
    return this.#sent(fields).filter(([, field]) => !isTagged(field, this.#version));
  }

  #tagged(fields: Fields): [string, Field][] {
    const tagged = this.#sent(fields).filter(([, field]) => isTagged(field, this.#version));
    return tagged.sort(([, a], [, b]) => a.tag! - b.tag!);
  }

  #isNullable(field: Field): boolean {
    return field.nullable !== undefined && holds(field.nullable, this.#version);
  }

  /** The name of a primitive's method of reader and writer. */
  #method(field: Field): string {
    const type = field.type === 'records' ? 'bytes' : field.type;
    if (type !== 'string' && type !== 'bytes') return type;
    const words = [this.#flexible && 'compact', this.#isNullable(field) && 'nullable', type];
    return words.filter(word => word !== false).reduce((name, word) => name + capital(word));
  }

  get #arrayLength(): string {
    return this.#flexible ? 'compactArrayLength' : 'arrayLength';
  }

  #structReader(fields: Fields): string {
    return this.#add(name => {
      const inline = this.#inline(fields);
      const tagged = this.#tagged(fields);
      const read = new Set([...inline, ...tagged].map(([field]) => field));
      const parts = Object.entries(fields).map(([part, field]) => {
        assert(/^[a-z][A-Za-z0-9]*$/.test(part), `'${part}' is the name of a field`);
        return read.has(part) ? `${part}: _${part}` : `${part}: ${defaultOf(field)}`;
      });
      return [
        `function ${name}(r) {`,
        ...inline.map(([part, field]) => `  const _${part} = ${this.#readOf(field)};`),
        ...tagged.map(([part, field]) => `  let _${part} = ${defaultOf(field)};`),
        ...(this.#flexible ? [this.#tagsReader(tagged)] : []),
        `  return { ${parts.join(', ')} };`,
        '}',
      ].join('\n');
    });
  }

  #tagsReader(tagged: readonly [string, Field][]): string {
    if (tagged.length === 0) return '  r.skipTaggedFields();';
    const cases = tagged.map(
      ([part, field]) => `      case ${field.tag}: _${part} = ${this.#readOf(field)}; break;`,
    );
    return [
      '  for (let n = r.uvarint(); n > 0; n--) {',
      '    const tag = r.uvarint();',
      '    const length = r.uvarint();',
      '    const end = r.enter(length);',
      '    switch (tag) {',
      ...cases,
      '      default: r.skip(length);',
      '    }',
      '    r.leave(end);',
      '  }',
    ].join('\n');
  }

  #readOf(field: Field): string {
    if (field.type === 'array') return `${this.#arrayReader(field)}(r)`;
    if (field.type !== 'struct') return `r.${this.#method(field)}()`;
    const read = `${this.#structReader(field.fields!)}(r)`;
    return this.#isNullable(field) ? `(r.int8() < 0 ? null : ${read})` : read;
  }

  #elementField(field: Field): Field {
    const { element } = field;
    if (typeof element === 'string') return { type: element, versions: '0+' };
    return { type: 'struct', versions: '0+', fields: element! };
  }

  #arrayReader(field: Field): string {
    return this.#add(name => {
      const least = elementBytesMin(field, this.#version, this.#flexible);
      const none = this.#isNullable(field) ? 'null' : 'r.missing()';
      return `function ${name}(r) {
  const n = r.${this.#arrayLength}(${least});
  if (n < 0) return ${none};
  const all = [];
  for (let i = 0; i < n; i++) all.push(${this.#readOf(this.#elementField(field))});
  return all;
}`;
    });
  }

  #structWriter(fields: Fields): string {
    return this.#add(name => {
      const absent = Object.entries(fields).filter(([, field]) => !holds(field.versions, this.#version));
      return [
        `function ${name}(w, v) {`,
        ...absent
          .filter(([, field]) => field.ignorable !== true)
          .map(
            ([part, field]) => `  refuseAbsent(v.${part}, ${defaultOf(field)}, '${part}', ${this.#version});`,
          ),
        ...this.#inline(fields).map(([part, field]) => `  ${this.#writeOf(field, part, 'w')};`),
        ...(this.#flexible ? this.#tagsWriter(this.#tagged(fields)) : []),
        '}',
      ].join('\n');
    });
  }

  #tagsWriter(tagged: readonly [string, Field][]): string[] {
    const has = tagged.map(
      ([part, field]) => `  const has_${part} = differs(v.${part}, ${defaultOf(field)});`,
    );
    const count = ['0', ...tagged.map(([part]) => `(has_${part} ? 1 : 0)`)].join(' + ');
    const write = tagged.map(
      ([part, field]) => `  if (has_${part}) {
    const t = new Writer(64);
    ${this.#writeOf(field, part, 't')};
    w.taggedField(${field.tag}, t);
  }`,
    );
    return [...has, `  w.uvarint(${count});`, ...write];
  }

  /** The statement that writes a part of `v`. */
  #writeOf(field: Field, part: string, writer: string): string {
    const given = `v.${part}`;
    const whole = isSpare(field) ? `(${given} === undefined ? ${defaultOf(field)} : ${given})` : given;
    const mayLack = field.nullable !== undefined && !this.#isNullable(field);
    return this.#writeValue(
      field,
      mayLack ? `present(${whole}, '${part}', ${this.#version})` : whole,
      writer,
    );
  }

  #writeValue(field: Field, value: string, writer: string): string {
    if (field.type === 'array') return `${this.#arrayWriter(field)}(${writer}, ${value})`;
    if (field.type !== 'struct') return `${writer}.${this.#method(field)}(${value})`;
    const write = this.#structWriter(field.fields!);
    if (!this.#isNullable(field)) return `${write}(${writer}, ${value})`;
    return `{
    const x = ${value};
    ${writer}.int8(x === null ? -1 : 1);
    if (x !== null) ${write}(${writer}, x);
  }`;
  }

  #arrayWriter(field: Field): string {
    return this.#add(
      name => `function ${name}(w, all) {
  ${this.#isNullable(field) ? `if (all === null) return w.${this.#arrayLength}(-1);` : ''}
  w.${this.#arrayLength}(all.length);
  for (let i = 0; i < all.length; i++) ${this.#writeValue(this.#elementField(field), 'all[i]', 'w')};
}`,
    );
  }
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** True when whoever writes the field may leave it out. */
const isSpare = (field: Field): boolean =>
  field.versions !== '0+' ||
  field.default !== undefined ||
  field.ignorable === true ||
  field.tag !== undefined;

/** True when a value is given and is another than the default, all parts of it. */
function differs(value: unknown, usual: unknown): boolean {
  if (value === undefined) return false;
  if (value === null || usual === null || typeof value !== 'object') return value !== usual;
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length > 0;
  const parts = value as Readonly<Record<string, unknown>>;
  return Object.entries(usual as object).some(([name, part]) => differs(parts[name], part));
}

/** A value that a version cannot carry must not get lost in silence. */
function refuseAbsent(value: unknown, usual: unknown, name: string, version: number): void {
  assert(!differs(value, usual), `version ${version} has no field '${name}'`);
}

function present(value: unknown, name: string, version: number): unknown {
  assert(value !== null, `'${name}' may not be null in version ${version}`);
  return value;
}
