/**
 * Which versions of a message have a field: `3+`, `0-12` or a single one. The words are those of Kafka's own
 * definitions.
 */
export type Versions = `${number}+` | `${number}-${number}` | `${number}`;

/** What a field may say beside its type and its versions. */
export interface Options<Default> {
  /** The versions in which the value may be null. */
  readonly nullable?: Versions;
  /** What a reader gets where the field is not sent; else 0, false, '', no elements. */
  readonly default?: Default | null;
  /** A value may be given in versions that do not have the field: it is left out. */
  readonly ignorable?: true;
  /** In the versions of `tagged` the field is sent only if it differs from its default, under this number. */
  readonly tag?: number;
  readonly tagged?: Versions;
}

/** The types without parts. `bigint64` is an int64 that is an id, not an offset, a time or a count. */
export type Primitive =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'bigint64'
  | 'float64'
  | 'uuid'
  | 'string'
  | 'bytes'
  | 'records';

declare const TYPES: unique symbol;

/** A field as data. `Read` is what a reader gets, `Write` what a writer takes; `Spare` says it may be left out. */
export interface Field<Read = unknown, Write = unknown, Spare extends boolean = boolean>
  extends Options<unknown> {
  readonly type: Primitive | 'array' | 'struct';
  readonly versions: Versions;
  /** What the elements of an array are: a type, or the fields of a struct. */
  readonly element?: Primitive | Fields;
  /** The fields of a struct. */
  readonly fields?: Fields;
  readonly [TYPES]?: { readonly read: Read; readonly write: Write; readonly spare: Spare };
}

/** Fields in the order in which they are sent. */
export interface Fields {
  readonly [name: string]: Field;
}

type Simplify<T> = { readonly [K in keyof T]: T[K] };
type SpareKey<F extends Fields> = {
  [K in keyof F]: F[K] extends Field<unknown, unknown, true> ? K : never;
}[keyof F];

type ReadField<F> = F extends Field<infer R, unknown, boolean> ? R : never;
type WriteField<F> = F extends Field<unknown, infer W, boolean> ? W : never;

/** The value that a reader of these fields gets. */
export type Read<F extends Fields> = { readonly [K in keyof F]: ReadField<F[K]> };

/** The value that a writer of these fields takes: what has a default of its own may be left out. */
export type Write<F extends Fields> = Simplify<
  { readonly [K in Exclude<keyof F, SpareKey<F>>]: WriteField<F[K]> } & {
    readonly [K in SpareKey<F>]?: WriteField<F[K]> | undefined;
  }
>;

type None = Record<never, never>;
type OrNull<T, O> = O extends { readonly nullable: Versions } ? T | null : T;
/** What is not in all versions, or has a default, or may get lost, need not be given. */
type IsSpare<V, O> = V extends '0+' ? HasDefault<O> : true;
type HasDefault<O> = O extends
  | { readonly default: unknown }
  | { readonly ignorable: true }
  | { readonly tag: number }
  ? true
  : false;
type Of<T, V, O> = Field<OrNull<T, O>, OrNull<T, O>, IsSpare<V, O>>;

const make =
  <T>(type: Primitive) =>
  <const V extends Versions, const O extends Options<T> = None>(versions: V, options?: O): Of<T, V, O> => ({
    type,
    versions,
    ...options,
  });

export const bool = make<boolean>('bool');
export const int8 = make<number>('int8');
export const int16 = make<number>('int16');
export const int32 = make<number>('int32');
/** An offset, a time or a count: a number that is an exact integer. */
export const int64 = make<number>('int64');
/** An id. */
export const bigint64 = make<bigint>('bigint64');
export const float64 = make<number>('float64');
/** In Kafka's text form: 22 letters of base64. */
export const uuid = make<string>('uuid');
export const string = make<string>('string');
/** A view into the message that was read. */
export const bytes = make<Uint8Array>('bytes');

/** Record batches as they are: a view when read; when written, chunks that are passed on without a copy. */
export function records<const V extends Versions, const O extends Options<Uint8Array> = None>(
  versions: V,
  options?: O,
): Field<OrNull<Uint8Array, O>, OrNull<Uint8Array | readonly Uint8Array[], O>, IsSpare<V, O>> {
  return { type: 'records', versions, ...options };
}

interface PrimitiveTypes {
  readonly int8: number;
  readonly int16: number;
  readonly int32: number;
  readonly int64: number;
  readonly bigint64: bigint;
  readonly string: string;
  readonly uuid: string;
}
type ReadElement<E> = E extends keyof PrimitiveTypes ? PrimitiveTypes[E] : E extends Fields ? Read<E> : never;
type WriteElement<E> = E extends keyof PrimitiveTypes
  ? PrimitiveTypes[E]
  : E extends Fields
    ? Write<E>
    : never;

/** Elements of a type, or structs of these fields. */
export function array<
  const V extends Versions,
  const E extends keyof PrimitiveTypes | Fields,
  const O extends Options<readonly never[]> = None,
>(
  versions: V,
  element: E,
  options?: O,
): Field<OrNull<readonly ReadElement<E>[], O>, OrNull<readonly WriteElement<E>[], O>, IsSpare<V, O>> {
  return { type: 'array', versions, element, ...options };
}

/** A struct of these fields. */
export function struct<
  const V extends Versions,
  const F extends Fields,
  const O extends Options<never> = None,
>(versions: V, fields: F, options?: O): Field<OrNull<Read<F>, O>, OrNull<Write<F>, O>, IsSpare<V, O>> {
  return { type: 'struct', versions, fields, ...options };
}

/** One direction of an API, or something else that is written in Kafka's grammar. */
export interface Message<F extends Fields = Fields> {
  readonly name: string;
  /** The first and the last version. */
  readonly versions: readonly [number, number];
  /** The first version with compact types and tagged fields; Infinity when there is none. */
  readonly flexibleFrom: number;
  readonly fields: F;
}

/** An API as its requests and responses are. */
export interface Api<Q extends Fields = Fields, S extends Fields = Fields> {
  readonly name: string;
  readonly key: number;
  readonly versions: readonly [number, number];
  readonly flexibleFrom: number;
  readonly request: Message<Q>;
  readonly response: Message<S>;
}

/** Declares an API. Request and response share versions and flexibility. */
export function api<const Q extends Fields, const S extends Fields>(declared: {
  readonly name: string;
  readonly key: number;
  readonly versions: readonly [number, number];
  readonly flexibleFrom: number;
  readonly request: Q;
  readonly response: S;
}): Api<Q, S> {
  const { name, key, versions, flexibleFrom } = declared;
  const message = <F extends Fields>(direction: string, fields: F): Message<F> => ({
    name: `${name} ${direction}`,
    versions,
    flexibleFrom,
    fields,
  });
  const request = message('request', declared.request);
  const response = message('response', declared.response);
  return { name, key, versions, flexibleFrom, request, response };
}

/** A request as a broker reads it. */
export type RequestOf<A> = A extends Api<infer Q, Fields> ? Read<Q> : never;
/** A response as a broker gives it. */
export type ResponseOf<A> = A extends Api<Fields, infer S> ? Write<S> : never;
/** A request as a client gives it. */
export type NewRequest<A> = A extends Api<infer Q, Fields> ? Write<Q> : never;
/** A response as a client reads it. */
export type ReadResponse<A> = A extends Api<Fields, infer S> ? Read<S> : never;

/** True when the versions hold this one. */
export function holds(versions: Versions, version: number): boolean {
  const open = versions.endsWith('+');
  const [low, high] = versions.replace('+', '').split('-').map(Number);
  return version >= low! && (open || version <= (high ?? low!));
}
