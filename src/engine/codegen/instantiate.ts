import { compileSource } from '../../core/mod.ts';
/** What generated code may name: `constants`, the runtime `rt` and helpers. */
export interface Scope {
  readonly rt: object;
  readonly [name: string]: unknown;
}

/**
 * The function that generated text returns. Each `rt.name` becomes a variable of its own: the runtime has so
 * many members that reading one for every row would be a search in a table.
 */
export function instantiate(source: string, scope: Scope): unknown {
  const names = [...new Set(Array.from(source.matchAll(/\brt\.(\w+)/g), match => match[1]!))];
  const prelude = names.map(name => `const rt$${name} = scope.rt.${name};`).join('\n');
  return compileSource(['scope'], `${prelude}\n${source.replace(/\brt\.(\w+)/g, 'rt$$$1')}`)(scope);
}
