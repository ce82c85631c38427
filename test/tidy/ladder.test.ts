import { expect, test } from 'vitest';
import { codeOf, filesBelow, importsOf, targetOf } from './sources.ts';

/**
 * The rungs, lowest first. A folder imports lower rungs only; folders on one rung never import each other.
 */
const LADDER: readonly (readonly string[])[] = [
  ['core'],
  ['formats'],
  ['contract', 'sql', 'state', 'log'],
  ['plan', 'kafka'],
  ['engine', 'lake'],
  ['connectors', 'connect', 'live', 'gateway', 'flink', 'pgwire', 'flows', 'models'],
  ['app'],
  ['platform'],
];
const PURE = ['core', 'sql', 'plan', 'contract', 'state/protocol', 'engine/operators'];

const rungOf = (folder: string): number => LADDER.findIndex(rung => rung.includes(folder));

/** `src/connectors/kafka/x.ts` lives in the room `connectors/kafka`; everything else in its first folder. */
function roomOf(path: string): string {
  const parts = path.split('/').slice(1);
  if (parts.length === 1) return 'main';
  return parts[0] === 'connectors' ? `connectors/${parts[1]}` : (parts[0] as string);
}

function complaintAbout(path: string, specifier: string): string | null {
  const from = roomOf(path);
  if (specifier.startsWith('node:')) {
    const pure = PURE.find(folder => path.startsWith(`src/${folder}/`));
    return pure ? `${path}: ${pure} is pure and may not import ${specifier}` : null;
  }
  if (!specifier.startsWith('.')) return null;
  const target = targetOf(path, specifier);
  const to = roomOf(target);
  if (from === to || from === 'main') return null;
  const [low, high] = [rungOf(to.split('/')[0] as string), rungOf(from.split('/')[0] as string)];
  if (low < 0 || high < 0) return `${path}: folder of ${target} is not on the ladder`;
  if (low >= high) return `${path}: ${from} may not import ${to}`;
  const door = ['core', 'contract'].includes(to) || target.endsWith('/mod.ts');
  return door ? null : `${path}: enter ${to} by its mod.ts, not ${target}`;
}

test('imports point down the ladder and enter folders by their door', () => {
  const files = filesBelow('src', '.ts');
  expect(files.length).toBeGreaterThan(20);
  const complaints = files.flatMap(path =>
    importsOf(path)
      .map(spec => complaintAbout(path, spec))
      .filter(Boolean),
  );
  expect(complaints).toEqual([]);
});

test('the console imports nothing of the program but the live protocol', () => {
  const complaints = filesBelow('web', '.ts', '.tsx').flatMap(path =>
    importsOf(path)
      .filter(spec => spec.startsWith('.'))
      .map(spec => targetOf(path, spec))
      .filter(target => !target.startsWith('web/') && target !== 'src/live/protocol.ts')
      .map(target => `${path}: ${target}`),
  );
  expect(complaints).toEqual([]);
});

test('applications import only millrace/app and their own files', () => {
  const complaints = filesBelow('apps', '.ts').flatMap(path => {
    const app = path.split('/').slice(0, 2).join('/');
    return importsOf(path)
      .filter(
        spec =>
          spec !== 'millrace/app' && !(spec.startsWith('.') && targetOf(path, spec).startsWith(`${app}/`)),
      )
      .map(spec => `${path}: ${spec}`);
  });
  expect(complaints).toEqual([]);
});

/** Files that are adapters: the only places where time, chance and timers come from outside. */
const ADAPTERS = /(^src\/platform\/|node-[a-z-]+\.ts$|\/adapter[a-z-]*\.ts$)/;

test('time and randomness are arguments outside adapters', () => {
  const ambient =
    /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bperformance\.now\(|\bsetTimeout\(|\bsetInterval\(/;
  const complaints = filesBelow('src', '.ts')
    .filter(path => !ADAPTERS.test(path))
    .flatMap(path =>
      codeOf(path)
        .split('\n')
        .flatMap((line, i) => (ambient.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : [])),
    );
  expect(complaints).toEqual([]);
});
