import { compileFactory, compileOnce, eachOf } from '../../core/mod.ts';

/** What generated code may name: `constants`, the runtime `rt` and helpers. */
export interface Scope {
  readonly rt: object;
  readonly [name: string]: unknown;
}

/**
 * Generated text with what it names of its scope as variables of their own. The runtime has so many members
 * that
 * reading one for every row would be a search in a table.
 */
function withScope(text: string, { rt, ...helpers }: Scope) {
  const used = [...new Set(Array.from(text.matchAll(/\brt\.(\w+)/g), match => match[1]!))];
  const names = [...Object.keys(helpers), ...used.map(name => `rt$${name}`)];
  const members = rt as Readonly<Record<string, unknown>>;
  return {
    values: eachOf([...Object.values(helpers), ...used.map(name => members[name])], value => value),
    prelude: names.map((name, k) => `const ${name} = scope[${k}];`).join('\n'),
    code: text.replace(/\brt\.(\w+)/g, 'rt$$$1'),
  };
}

/**
 * A generated loop over rows, with its name and parameters. It takes its scope with each call, so that equal
 * loops are one function.
 */
export function instantiateLoop<F>(signature: string, body: string, scope: Scope): F {
  const { values, prelude, code } = withScope(body, scope);
  const source = `return function ${signature.replace('(', '(scope, ')} {\n${prelude}\n${code}\n}`;
  return compileOnce<(scope: unknown) => unknown>({}, source).bind(null, values) as F;
}

/** A generated function for a single row, with its name and parameters, which closes over its scope. */
export function instantiate<F>(signature: string, body: string, scope: Scope): F {
  const { values, prelude, code } = withScope(body, scope);
  const source = `${prelude}\nreturn function ${signature} {\n${code}\n}`;
  return compileFactory<F>(['scope'], source)(values);
}
