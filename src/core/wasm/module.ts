import { type Code, F64, flatten, I32, I64, unsigned } from './code.ts';

/** A function's parameters and results, as value types. */
export interface Signature {
  readonly parameters: readonly number[];
  readonly results: readonly number[];
}

/** A module with one exported function, `run`, over a memory that comes from outside. */
export interface ModuleText {
  /** Functions from outside, called by their index. */
  readonly imports: readonly { readonly name: string; readonly signature: Signature }[];
  /** Types of its variables that outlive a call; all begin at zero. */
  readonly globals: readonly number[];
  readonly signature: Signature;
  /** Types of `run`'s locals, numbered behind its parameters. */
  readonly locals: readonly number[];
  readonly body: Code;
}

const list = (items: readonly (readonly number[])[]): number[] => [
  ...unsigned(items.length),
  ...items.flat(),
];
const section = (id: number, content: readonly number[]): number[] => [
  id,
  ...unsigned(content.length),
  ...content,
];
const text = (name: string): number[] => {
  const bytes = [...new TextEncoder().encode(name)];
  return [...unsigned(bytes.length), ...bytes];
};
const functionType = ({ parameters, results }: Signature): number[] => [
  0x60,
  ...list(parameters.map(type => [type])),
  ...list(results.map(type => [type])),
];

/** A zero of a value type. */
function zero(type: number): number[] {
  if (type === I32) return [0x41, 0, 0x0b];
  if (type === I64) return [0x42, 0, 0x0b];
  if (type === F64) return [0x44, 0, 0, 0, 0, 0, 0, 0, 0, 0x0b];
  throw new Error(`no variable of type ${type}`);
}

/** The module in the binary format, version 1. */
export function encodeModule({
  imports,
  globals,
  signature,
  locals,
  body,
}: ModuleText): Uint8Array<ArrayBuffer> {
  const code = [...list(locals.map(type => [1, type])), ...flatten(body), 0x0b];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, list([...imports.map(i => functionType(i.signature)), functionType(signature)])),
    ...section(
      2,
      list([
        [...text('env'), ...text('memory'), 0x02, 0x00, 0x01],
        ...imports.map(({ name }, i) => [...text('env'), ...text(name), 0x00, ...unsigned(i)]),
      ]),
    ),
    ...section(3, list([unsigned(imports.length)])),
    ...section(6, list(globals.map(type => [type, 0x01, ...zero(type)]))),
    ...section(7, list([[...text('run'), 0x00, ...unsigned(imports.length)]])),
    ...section(10, list([[...unsigned(code.length), ...code]])),
  ]);
}
