import type { Expression } from '../../plan/mod.ts';
import { type CodeWriter, Result, unsupported, type Value } from './code.ts';

type Call = Extract<Expression, { kind: 'call' }>;
type Compile = (expression: Expression) => Value;

/** Calls that don't evaluate all operands, or that look at nulls: they compile operands themselves. */
const LAZY: Readonly<Record<string, (w: CodeWriter, call: Call, compile: Compile) => Value>> = {
  AND: (w, call, compile) => connective(w, call, compile, false),
  OR: (w, call, compile) => connective(w, call, compile, true),
  NOT: (_w, call, compile) => {
    const v = compile(call.operands[0]!);
    return { type: call.type, code: `(!${v.code})`, isNull: v.isNull, nanos: '0', range: null };
  },
  'IS NULL': (w, call, compile) => test(w, call, compile, v => v.isNull),
  'IS NOT NULL': (w, call, compile) => test(w, call, compile, v => `!${v.isNull}`),
  'IS UNKNOWN': (w, call, compile) => test(w, call, compile, v => v.isNull),
  'IS NOT UNKNOWN': (w, call, compile) => test(w, call, compile, v => `!${v.isNull}`),
  'IS TRUE': (w, call, compile) => test(w, call, compile, v => `!${v.isNull} && ${v.code}`),
  'IS NOT TRUE': (w, call, compile) => test(w, call, compile, v => `${v.isNull} || !${v.code}`),
  'IS FALSE': (w, call, compile) => test(w, call, compile, v => `!${v.isNull} && !${v.code}`),
  'IS NOT FALSE': (w, call, compile) => test(w, call, compile, v => `${v.isNull} || ${v.code}`),
  COALESCE: coalesce,
  IFNULL: coalesce,
  IF: (w, call, compile) => {
    const result = new Result(w, call.type);
    const condition = compile(call.operands[0]!);
    w.line(`if (!${condition.isNull} && ${condition.code}) {`);
    result.assign(compile(call.operands[1]!));
    w.line('} else {');
    result.assign(compile(call.operands[2]!));
    w.line('}');
    return result.value;
  },
};

export function isLazy(name: string): boolean {
  return Object.hasOwn(LAZY, name);
}

export function compileLazy(w: CodeWriter, call: Call, compile: Compile): Value {
  return (LAZY[call.name] ?? (() => unsupported(call.name)))(w, call, compile);
}

function test(w: CodeWriter, call: Call, compile: Compile, code: (v: Value) => string): Value {
  const name = w.name('v');
  w.line(`const ${name} = ${code(compile(call.operands[0]!))};`);
  return { type: call.type, code: name, isNull: 'false', nanos: '0', range: null };
}

/** AND (`absorbing` false) or OR (`absorbing` true) in three-valued logic; stops at the absorbing value. */
function connective(w: CodeWriter, call: Call, compile: Compile, absorbing: boolean): Value {
  const result = new Result(w, call.type);
  const { name } = result;
  w.line(`${name} = ${!absorbing}; ${name}n = false;`);
  let depth = 0;
  for (const operand of call.operands) {
    const v = compile(operand);
    const hit = absorbing ? v.code : `!${v.code}`;
    if (v.isNull === 'false') w.line(`if (${hit}) { ${name} = ${absorbing}; ${name}n = false; } else {`);
    else {
      w.line(`if (${v.isNull}) ${name}n = true;`);
      w.line(`if (!${v.isNull} && ${hit}) { ${name} = ${absorbing}; ${name}n = false; } else {`);
    }
    depth++;
  }
  w.line('}'.repeat(depth));
  return result.value;
}

function coalesce(w: CodeWriter, call: Call, compile: Compile): Value {
  const result = new Result(w, call.type);
  let depth = 0;
  for (const operand of call.operands) {
    result.assign(compile(operand));
    w.line(`if (${result.name}n) {`);
    depth++;
  }
  w.line('}'.repeat(depth));
  return result.value;
}
