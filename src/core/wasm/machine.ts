/** What is used here of the machine's own WebAssembly; the standard's names. */
interface Machine {
  readonly Memory: new (size: { initial: number }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Record<string, unknown> };
}

/** A linear memory; `buffer` is another one after each `grow`. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  /** Add so many pages of 64 KiB. */
  grow(pages: number): number;
}

const machine = (globalThis as unknown as { readonly WebAssembly: Machine }).WebAssembly;

export const PAGE_BYTES = 1 << 16;

/** Modules that are kept compiled; the one that was asked for longest ago goes. */
const KEPT_MAX = 256;
/** One character a byte: the bytes as a key. */
const LATIN1 = new TextDecoder('latin1');
const kept = new Map<string, object>();

/** A memory of so many bytes, rounded up to pages. */
export function createMemory(bytes: number): WasmMemory {
  return new machine.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
}

/** A module with `run`, compiled once for all who ask for the same bytes. */
export function instantiate<F>(
  bytes: Uint8Array<ArrayBuffer>,
  imports: Readonly<Record<string, unknown>>,
): F {
  const key = LATIN1.decode(bytes);
  let module = kept.get(key);
  if (module === undefined) {
    module = new machine.Module(bytes);
    const [oldest] = kept.keys();
    if (kept.size >= KEPT_MAX && oldest !== undefined) kept.delete(oldest);
  } else kept.delete(key);
  kept.set(key, module);
  return new machine.Instance(module, { env: imports }).exports['run'] as F;
}
