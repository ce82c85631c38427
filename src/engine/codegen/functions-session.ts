import { physicalTypeOf } from '../../core/mod.ts';
import { type CodeWriter, strict, type Value } from './code.ts';
import type { FunctionCompiler } from './functions.ts';

/** FALSE for null, never null itself. */
const test =
  (name: string): FunctionCompiler =>
  (w, call, [v]) => {
    const result = w.name('v');
    w.line(`const ${result} = !${v!.isNull} && rt.${name}(${v!.code});`);
    return { type: call.type, code: result, isNull: 'false', nanos: '0', range: null };
  };

/** Java's generator of a seed: one for all rows where the seed is a constant, else one for each row. */
function generator(w: CodeWriter, seed: Value): string {
  if (seed.literal === undefined) return `rt.javaRandom(${seed.code})`;
  const name = w.name('r');
  w.hoist(name, `const ${name} = rt.javaRandom(${seed.code});`);
  return name;
}

const rand: FunctionCompiler = (w, call, values) => {
  const [seed] = values;
  const code = seed === undefined ? 'rt.random()' : `rt.nextDouble(${generator(w, seed)})`;
  return strict(w, call.type, values, code);
};

const integer = (v: Value): string => (physicalTypeOf(v.type) === 'i64' ? `Number(${v.code})` : v.code);

const randInteger: FunctionCompiler = (w, call, values) => {
  const bound = integer(values.at(-1)!);
  const code =
    values.length === 1
      ? `Math.floor(rt.random() * ${bound})`
      : `rt.nextInt(${generator(w, values[0]!)}, ${bound})`;
  return strict(w, call.type, values, code);
};

/** Functions of the session by canonical name. */
export const SESSION_FUNCTIONS: Readonly<Record<string, FunctionCompiler>> = {
  IS_ALPHA: test('isAlpha'),
  IS_DECIMAL: test('isDecimal'),
  IS_DIGIT: test('isDigit'),
  RAND: rand,
  RAND_INTEGER: randInteger,
  UUID: (w, call) => strict(w, call.type, [], 'rt.uuidOf(rt.random)'),
};
