import { assert } from '../../core/mod.ts';
import { ZERO_UUID } from '../protocol/uuid.ts';
import { type Field, type Fields, holds } from './schema.ts';

const ZEROS: Readonly<Record<string, string>> = {
  bool: 'false',
  bigint64: '0n',
  uuid: `'${ZERO_UUID}'`,
  string: "''",
  bytes: 'NOTHING',
  records: 'null',
  array: '[]',
};

/** The expression of what a reader gets where a field is not sent. */
export function defaultOf(field: Field): string {
  const { default: given } = field;
  if (given !== undefined) return typeof given === 'bigint' ? `${given}n` : JSON.stringify(given);
  if (field.type !== 'struct') return ZEROS[field.type] ?? '0';
  const parts = Object.entries(field.fields ?? {}).map(([name, part]) => `${name}: ${defaultOf(part)}`);
  return `{ ${parts.join(', ')} }`;
}

const SIZES: Readonly<Record<string, number>> = {
  bool: 1,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  bigint64: 8,
  float64: 8,
  uuid: 16,
};

/** The least bytes that one value takes in a version. */
function bytesMinOf(field: Pick<Field, 'type' | 'fields' | 'nullable'>, version: number, flexible: boolean) {
  const { type, fields, nullable } = field;
  if (type === 'struct') {
    return nullable !== undefined && holds(nullable, version)
      ? 1
      : structBytesMin(fields!, version, flexible);
  }
  return SIZES[type] ?? (flexible ? 1 : type === 'string' ? 2 : 4);
}

/** The least bytes that a struct takes in a version. */
export function structBytesMin(fields: Fields, version: number, flexible: boolean): number {
  let bytes = flexible ? 1 : 0;
  for (const field of Object.values(fields)) {
    if (!holds(field.versions, version) || isTagged(field, version)) continue;
    bytes += bytesMinOf(field, version, flexible);
  }
  return bytes;
}

/** The least bytes that an array's element takes; at least one, so that an array is bounded by its message. */
export function elementBytesMin(field: Field, version: number, flexible: boolean): number {
  const { element } = field;
  assert(element !== undefined, 'an array says what its elements are');
  if (typeof element !== 'string') return Math.max(structBytesMin(element, version, flexible), 1);
  return bytesMinOf({ type: element }, version, flexible);
}

/** True when the field is sent as a tagged one. */
export function isTagged(field: Field, version: number): boolean {
  return field.tagged !== undefined && holds(field.tagged, version);
}
