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
const kept = new Map<string, object | undefined>();

/** A memory of so many bytes, rounded up to pages. */
export function createMemory(bytes: number): WasmMemory {
  return new machine.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
}

/**
 * A module with `run`, made and compiled once for all who ask by the same key, which says all that its bytes
 * depend on. Undefined where `make` makes none.
 */
export function instantiate<F>(
  key: string,
  make: () => Uint8Array<ArrayBuffer> | undefined,
  imports: Readonly<Record<string, unknown>>,
): F | undefined {
  const module = kept.has(key) ? kept.get(key) : compiled(make());
  kept.delete(key);
  kept.set(key, module);
  const [oldest] = kept.size > KEPT_MAX ? kept.keys() : [];
  if (oldest !== undefined) kept.delete(oldest);
  return module && (new machine.Instance(module, { env: imports }).exports['run'] as F);
}

const compiled = (bytes: Uint8Array<ArrayBuffer> | undefined): object | undefined =>
  bytes && new machine.Module(bytes);
