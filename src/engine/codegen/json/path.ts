import { unsupported } from '../code.ts';
import { isObject, type Json, JsonProblem } from './value.ts';

/** A step of a JsonPath. */
type Step =
  | { readonly kind: 'property'; readonly names: readonly string[] }
  | { readonly kind: 'index'; readonly indices: readonly number[] }
  | { readonly kind: 'slice'; readonly from: number | null; readonly to: number | null }
  | { readonly kind: 'wildcard' }
  /** `..`: what follows applies to the value and to all below it. */
  | { readonly kind: 'deep' };

/** A path with its mode: `lax` gives NULL for what is missing, strict (the default here) fails. */
export interface JsonPath {
  readonly lax: boolean;
  /** Null when the path is none: reading it fails. */
  readonly steps: readonly Step[] | null;
  /** It leads to one value at most; else its answer is an array. */
  readonly definite: boolean;
}

const PATHS_MAX = 1000;
const known = new Map<string, JsonPath>();

/** The parsed path, remembered. */
export function jsonPath(text: string): JsonPath {
  let path = known.get(text);
  if (path === undefined) {
    const [, mode = 'strict', spec = text] = /^\s*(strict|lax)\s+(.+)$/is.exec(text) ?? [];
    const steps = parseSteps(spec.trim());
    // Several properties at the end are one object.
    const definite =
      steps?.every(
        (step, i) =>
          (step.kind === 'property' && (step.names.length === 1 || i === steps.length - 1)) ||
          (step.kind === 'index' && step.indices.length === 1),
      ) ?? true;
    path = { lax: mode.toLowerCase() === 'lax', steps, definite };
    if (known.size >= PATHS_MAX) known.clear();
    known.set(text, path);
  }
  return path;
}

const QUOTED = /^(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*(?:,\s*|$)/s;

function parseSteps(spec: string): Step[] | null {
  const steps: Step[] = [];
  let rest = spec.startsWith('$') ? spec.slice(1) : `.${spec}`;
  while (rest !== '') {
    const dots = /^\.{1,2}/.exec(rest)?.[0] ?? '';
    rest = rest.slice(dots.length);
    if (dots === '..') steps.push({ kind: 'deep' });
    if (rest.startsWith('[')) {
      const bracket = bracketEnd(rest);
      const step = bracket < 0 ? null : parseBracket(rest.slice(1, bracket).trim());
      if (step === null) return null;
      steps.push(step);
      rest = rest.slice(bracket + 1);
      continue;
    }
    const name = /^[^.[\]()\s'"]+/.exec(rest)?.[0];
    if (dots === '' || name === undefined) return null;
    if (rest[name.length] === '(') unsupported(`The function ${name}() in a JSON path`);
    steps.push(name === '*' ? { kind: 'wildcard' } : { kind: 'property', names: [name] });
    rest = rest.slice(name.length);
  }
  return steps;
}

/** The place of the closing bracket outside quotes, -1 for none. */
function bracketEnd(text: string): number {
  let quote = '';
  for (let i = 1; i < text.length; i++) {
    const char = text[i]!;
    if (quote !== '') {
      if (char === '\\') i++;
      else if (char === quote) quote = '';
    } else if (char === "'" || char === '"') quote = char;
    else if (char === ']') return i;
    else if (char === '?' || char === '(') unsupported('A filter in a JSON path');
  }
  return -1;
}

function parseBracket(inner: string): Step | null {
  if (inner === '*') return { kind: 'wildcard' };
  const slice = /^(-?\d+)?\s*:\s*(-?\d+)?$/.exec(inner);
  if (slice !== null) {
    const [from, to] = [slice[1], slice[2]].map(part => (part === undefined ? null : Number(part)));
    return from === null && to === null ? null : { kind: 'slice', from: from ?? null, to: to ?? null };
  }
  if (/^-?\d+(\s*,\s*-?\d+)*$/.test(inner)) return { kind: 'index', indices: inner.split(',').map(Number) };
  const names: string[] = [];
  for (let rest = inner; rest !== ''; ) {
    const found = QUOTED.exec(rest);
    if (found === null) return null;
    names.push((found[1] ?? found[2] ?? '').replace(/\\(.)/gs, '$1'));
    rest = rest.slice(found[0].length);
  }
  return names.length === 0 ? null : { kind: 'property', names };
}

/** What the path leads to. Throws JsonProblem where nothing is there, but for a lax path. */
export function readPath(document: Json, path: JsonPath): Json {
  if (path.steps === null) throw new JsonProblem('Invalid JSON path');
  try {
    const found = walk([document], path.steps);
    if (!path.definite) return found;
    if (found.length > 0) return found[0]!;
    throw new JsonProblem(`No results for path: $${path.steps.map(shown).join('')}`);
  } catch (error) {
    if (!(error instanceof JsonProblem) || !path.lax) throw error;
    return path.definite ? null : [];
  }
}

/** A step as Flink's JSON library prints those of definite paths. */
function shown(step: Step): string {
  if (step.kind === 'property') return `['${step.names.join("','")}']`;
  return step.kind === 'index' ? `[${step.indices.join(',')}]` : '';
}

/** Missing steps fail as long as the way is definite; behind a wildcard they are left out. */
function walk(start: readonly Json[], steps: readonly Step[]): Json[] {
  let values = [...start];
  let definite = true;
  for (const [i, step] of steps.entries()) {
    const strict = definite;
    if (step.kind === 'deep') values = values.flatMap(descend);
    else values = values.flatMap(value => stepFrom(value, step, strict, i === steps.length - 1));
    const one =
      (step.kind === 'property' && step.names.length === 1) ||
      (step.kind === 'index' && step.indices.length === 1);
    definite &&= one;
  }
  return values;
}

function descend(value: Json): Json[] {
  if (isObject(value)) return [value, ...[...value.values()].flatMap(descend)];
  return Array.isArray(value) ? [value, ...value.flatMap(descend)] : [value];
}

function stepFrom(value: Json, step: Step, strict: boolean, isLast: boolean): Json[] {
  switch (step.kind) {
    case 'property':
      if (isObject(value)) return properties(value, step.names, strict, isLast);
      if (strict) throw new JsonProblem(`Expected an object with property ['${step.names.join("','")}']`);
      return [];
    case 'wildcard':
      if (isObject(value)) return [...value.values()];
      return Array.isArray(value) ? [...value] : [];
    default:
      if (Array.isArray(value)) return elements(value, step);
      if (strict) throw new JsonProblem('An index can only be applied to arrays');
      return [];
  }
}

function properties(
  object: ReadonlyMap<string, Json>,
  names: readonly string[],
  strict: boolean,
  isLast: boolean,
): Json[] {
  if (names.length > 1 && isLast) {
    return [new Map(names.filter(name => object.has(name)).map(name => [name, object.get(name)!]))];
  }
  const found = names.filter(name => object.has(name)).map(name => object.get(name)!);
  if (found.length === 0 && strict && names.length === 1 && !isLast) {
    throw new JsonProblem(`Missing property in path ['${names[0]}']`);
  }
  return found;
}

function elements(list: readonly Json[], step: Extract<Step, { kind: 'index' | 'slice' | 'deep' }>): Json[] {
  if (step.kind === 'slice') {
    const place = (bound: number) => (bound < 0 ? Math.max(0, list.length + bound) : bound);
    return list.slice(place(step.from ?? 0), step.to === null ? undefined : place(step.to));
  }
  const indices = step.kind === 'index' ? step.indices : [];
  return indices.flatMap(index => {
    const at = index < 0 ? list.length + index : index;
    return at >= 0 && at < list.length ? [list[at]!] : [];
  });
}
