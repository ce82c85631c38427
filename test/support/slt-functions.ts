import type { ScalarFunction } from '../../src/contract/mod.ts';
import { parseDataType } from '../../src/sql/mod.ts';

const define = (
  id: string,
  parameters: readonly string[],
  returns: string,
  call: (...values: never[]) => unknown,
): ScalarFunction => ({
  id,
  parameters: parameters.map(parseDataType),
  returns: parseDataType(returns),
  call: call as ScalarFunction['call'],
});

const echo = (value: unknown) => value;

/** Functions that `.slt` files may create. */
const FUNCTIONS: readonly ScalarFunction[] = [
  define('plusOne', ['INT'], 'INT', (n: number | null) => (n === null ? -1 : n + 1)),
  define(
    'shout',
    ['STRING', 'STRING'],
    'STRING',
    (a: string | null, b: string | null) => a && b && `${a}${b}!`,
  ),
  define('strictly', ['INT NOT NULL'], 'INT NOT NULL', (n: number) => (n === 0 ? null : n)),
  define('fails', ['INT'], 'INT', (n: number) => {
    throw new Error(`cannot do ${n}`);
  }),
  define('lies', ['INT'], 'INT', () => 'a text'),
  define('bigSum', ['BIGINT', 'BIGINT'], 'BIGINT', (a: bigint | null, b: bigint | null) =>
    a === null || b === null ? null : a + b,
  ),
  define('cents', ['DECIMAL(10, 2)'], 'DECIMAL(12, 2)', (text: string | null) => text?.replace('-', '')),
  define('nextDay', ['DATE'], 'DATE', (day: string) => {
    const next = new Date(Date.parse(day) + 86_400_000);
    return next.toISOString().slice(0, 10);
  }),
  define('later', ['TIMESTAMP(3)'], 'TIMESTAMP(3)', (at: Date | null) => at && new Date(at.getTime() + 1000)),
  define('noon', ['TIME'], 'TIME', (time: string) => (time < '12:00:00' ? time : '12:00:00')),
  define('yes', ['BOOLEAN'], 'BOOLEAN', echo),
  define('half', ['DOUBLE'], 'DOUBLE', (x: number) => x / 2),
  define('bytes', ['BYTES'], 'BYTES', (bytes: Uint8Array) => bytes.map(byte => 255 - byte)),
];

export const functionById = (id: string): ScalarFunction | undefined => FUNCTIONS.find(f => f.id === id);

export const functionLibrary = (name: string): ScalarFunction | string =>
  functionById(name) ?? `no file exports '${name}'`;
