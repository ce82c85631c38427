/**
 * Throws an error whose text has those that it was made of: clients hide what the broker said in `errors`.
 */
export function rethrowAll(error: unknown): never {
  throw new Error(textsOf(error).join(': '), { cause: error });
}

function textsOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)];
  const inner = (error as { readonly errors?: readonly unknown[] }).errors ?? [];
  return [error.message, ...inner.flatMap(textsOf)];
}
