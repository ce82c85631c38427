import type { Expression } from '../../plan/mod.ts';
import { type CodeWriter, Result, type Value } from './code.ts';

type Call = Extract<Expression, { kind: 'call' }>;

/** A call of a user's function: NULL goes in and comes out as null; what it throws fails the job. */
export function compileUserCall(w: CodeWriter, call: Call, compile: (operand: Expression) => Value): Value {
  const values = call.operands.map(compile);
  const about = {
    id: call.user,
    name: call.name,
    parameters: call.operands.map(operand => operand.type),
    returns: call.type,
    at: call.at,
  };
  const name = w.name('u');
  w.hoist(name, `const ${name} = rt.userFunction(${w.constant(about)});`);
  const args = values.map(v => (v.isNull === 'true' ? 'null' : `(${v.isNull} ? null : ${v.code})`));
  const result = new Result(w, call.type);
  result.assignMaybe(`${name}(${args.join(', ')})`);
  return result.value;
}
