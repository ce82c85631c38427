import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { filesystemSink, filesystemSource } from '../../../src/connectors/filesystem/mod.ts';
import type { Source } from '../../../src/contract/mod.ts';
import { armFailpoints, type DataType, type Failpoint } from '../../../src/core/mod.ts';
import { startJob } from '../../../src/engine/mod.ts';
import { Catalog, planScript } from '../../../src/plan/mod.ts';
import { systemClock } from '../../../src/platform/system-clock.ts';
import { memoryCheckpoints } from '../../support/parallel-job.ts';
import { exactlyOnceSinkConformance } from '../../support/sink-conformance.ts';
import { boundedSourceConformance, readToEnd } from '../../support/source-conformance.ts';
import { batchOf, tableOf } from '../../support/tables.ts';
import { TestClock } from '../../support/test-clock.ts';
import { T } from '../formats/support.ts';

const root = mkdtempSync(join(tmpdir(), 'millrace-files-'));
let folders = 0;
const folder = (): string => {
  const path = join(root, `t${++folders}`);
  mkdirSync(path);
  return path;
};
afterAll(() => rmSync(root, { recursive: true, force: true }));
afterEach(() => void armFailpoints(null));

const fields: Record<string, DataType> = { id: T.int, v: T.text };
const tableAt = (path: string, options: Record<string, string> = {}, partitioned: number[] = []) => ({
  ...tableOf(fields, [], { connector: 'filesystem', format: 'json', path, ...options }),
  ...(partitioned.length === 0 ? {} : { partitionKeys: partitioned }),
});
const put = (path: string, name: string, text: string): void => {
  mkdirSync(join(path, name, '..'), { recursive: true });
  writeFileSync(join(path, name), text);
};
const read = async (table: ReturnType<typeof tableAt>, projection: number[], position: unknown = null) =>
  (await readToEnd(filesystemSource(table, projection, { clock: new TestClock() }), position)).rows;

/** Visible files below a folder with their texts, in pairs. */
function filesOf(path: string): [string, string][] {
  if (!existsSync(path)) return [];
  const names = readdirSync(path, { recursive: true, withFileTypes: true });
  return names
    .filter(e => e.isFile() && !e.name.startsWith('.') && !e.parentPath.includes('/.millrace'))
    .map(e => join(e.parentPath, e.name))
    .map(file => [relative(path, file), readFileSync(file, 'utf8')]);
}

/** The same by name, of which the writer's own part is left out. */
const visible = (path: string): Record<string, string> =>
  Object.fromEntries(filesOf(path).map(([name, text]) => [name.replace(/part-[0-9a-f]{16}/, 'part'), text]));

const linesOf = (path: string): string[] => filesOf(path).flatMap(([, text]) => text.trim().split('\n'));

describe('a filesystem source', () => {
  boundedSourceConformance(async () => {
    const path = folder();
    const rows = Array.from({ length: 30_000 }, (_, i) => `{"id":${i},"v":"x${i}"}`);
    put(path, 'a.json', `${rows.slice(0, 10_000).join('\n')}\n`);
    put(path, 'b/c.json', rows.slice(10_000, 20_000).join('\r\n'));
    put(path, 'b/d.json', `\n\n${rows.slice(20_000).join('\n')}`);
    return {
      open: async () => filesystemSource(tableAt(path), [0, 1], { clock: new TestClock() }),
      expected: rows.map((_, i) => `["+I",${i},"x${i}"]`),
    };
  });

  it('passes over hidden files, and takes a file, a folder or a pattern', async () => {
    const path = folder();
    for (const name of ['a.json', '_b.json', '.c.json', 'x/d.json', 'x/y/e.txt', '_hidden/f.json']) {
      put(path, name, JSON.stringify({ id: 1, v: name }));
    }
    const names = async (at: string, options: Record<string, string> = {}) =>
      (await read(tableAt(at, options), [1])).map(row => JSON.parse(row)[1]);
    expect(await names(path)).toEqual(['a.json', 'x/d.json', 'x/y/e.txt']);
    expect(await names(`file://${path}/a.json`)).toEqual(['a.json']);
    expect(await names(`${path}/*.json`)).toEqual(['a.json']);
    expect(await names(`${path}/**/*.json`)).toEqual(['a.json', 'x/d.json']);
    expect(await names(`${path}/x/?.json`)).toEqual(['x/d.json']);
    expect(await names(path, { 'source.path.regex-pattern': '.*/y/.*' })).toEqual(['x/y/e.txt']);
  });

  it('reads partitions from folders and metadata from files', async () => {
    const path = folder();
    put(path, 'v=a%2Fb/p', '{"id":1,"v":"not this"}');
    put(path, 'v=__DEFAULT_PARTITION__/p', '{"id":2}');
    const metadata = [
      { name: 'n', key: 'file.name', type: T.text },
      { name: 's', key: 'file.size', type: T.long },
    ];
    const table = { ...tableAt(path, {}, [1]), metadata };
    expect(await read(table, [1, 3, 0, 2])).toEqual(['["+I",null,"8",2,"p"]', '["+I","a/b","23",1,"p"]']);
  });

  it('a line that is no row is rejected with its file and place', async () => {
    const path = folder();
    put(path, 'a', '{"id":1}\nnonsense\n{"id":2}\n');
    const source = filesystemSource(tableAt(path), [0], { clock: new TestClock() });
    const reader = await source.open({ id: '0' }, null);
    await reader.poll(0, new AbortController().signal);
    const [rejected] = reader.takeRejected();
    expect(rejected).toMatchObject({ topic: 't', offset: 9, reason: expect.stringContaining(`${path}/a: `) });
    expect(Buffer.from(rejected!.value!).toString()).toBe('nonsense');
  });

  it('watches a folder for new files and goes on behind what it has read', async () => {
    const path = folder();
    put(path, 'a', '{"id":1}\n{"id":2}\n');
    const clock = new TestClock();
    const signal = new AbortController().signal;
    const source = filesystemSource(tableAt(path, { 'source.monitor-interval': '1 s' }), [0], { clock });
    expect(source.bounded).toBe(false);
    const reader = await source.open({ id: '0' }, null);
    const next = async (from = reader): Promise<number> => {
      const event = await from.poll(0, signal);
      return event.kind === 'batch' ? event.batch.rowCount : 0;
    };
    expect(await next()).toBe(2);
    expect(await next()).toBe(0);
    put(path, 'b', '{"id":3}\n');
    expect(await next()).toBe(0);
    clock.advance(1000);
    expect(await next()).toBe(1);
    const position = JSON.parse(JSON.stringify(reader.position()));
    put(path, '0', '{"id":4}\n{"id":5}\n{"id":6}\n');
    const again = await source.open({ id: '0' }, position);
    expect(await next(again)).toBe(3);
  });
});

const EACH = { 'sink.rolling-policy.file-size': '1b' };
const at = { incarnation: 'i', sinkId: 'app/job/sink' };
const sinkAt = (
  path: string,
  options: Record<string, string> = {},
  clock = new TestClock(),
  partitioned: number[] = [],
) => filesystemSink(tableAt(path, options, partitioned), { clock });

/** Writes rows as one epoch and commits it. */
async function epoch(
  sink: ReturnType<typeof sinkAt>,
  number: number,
  rows: (readonly [number | null, string | null])[],
  end = false,
) {
  const writer = await sink.openWriter(at);
  const { physicalSchema } = tableAt('');
  if (rows.length > 0)
    await writer.write(
      batchOf(
        physicalSchema,
        rows.map(([id, v]) => ['+I', id, v] as const),
      ),
    );
  if (end) writer.finish!();
  const staged = await writer.prepare(number);
  if (staged !== null) await (await sink.openCommitter(at))!.commit(number, staged);
  return staged;
}

describe('a filesystem sink', () => {
  exactlyOnceSinkConformance(async () => {
    const path = folder();
    return {
      schema: tableAt(path).physicalSchema,
      open: async () => sinkAt(path, EACH),
      visible: async () => linesOf(path),
      rows: [
        { row: ['+I', 1, 'a'], shown: '{"id":1,"v":"a"}' },
        { row: ['+I', 2, null], shown: '{"id":2,"v":null}' },
      ],
    };
  });

  it('keeps a part hidden until it is large or old enough, or the input ends', async () => {
    const path = folder();
    const clock = new TestClock();
    const sink = sinkAt(path, { 'sink.rolling-policy.rollover-interval': '1 min' }, clock);
    await epoch(sink, 1, [[1, 'a']]);
    await epoch(sink, 2, [[2, 'b']]);
    expect(visible(path)).toEqual({});
    clock.advance(60_000);
    const writer = await sink.openWriter(at);
    expect(writer.wantsCheckpoint!()).toBe(true);
    expect(await epoch(sink, 3, [])).not.toBeNull();
    expect(visible(path)).toEqual({ 'part-0': '{"id":1,"v":"a"}\n{"id":2,"v":"b"}\n' });
    await epoch(sink, 4, [[3, 'c']]);
    await epoch(sink, 5, [], true);
    expect(Object.keys(visible(path))).toEqual(['part-0', 'part-1']);
  });

  it('writes partitions into folders and marks them', async () => {
    const path = folder();
    const clock = new TestClock();
    const options = {
      ...EACH,
      'sink.partition-commit.policy.kind': 'success-file',
      'sink.partition-commit.delay': '1 h',
      'sink.partition-commit.success-file.name': '_DONE',
    };
    const sink = sinkAt(path, options, clock, [1]);
    await epoch(sink, 1, [
      [1, 'a/b'],
      [2, null],
      [3, 'a/b'],
    ]);
    expect(visible(path)).toEqual({
      'v=a%2Fb/part-0': '{"id":1}\n{"id":3}\n',
      'v=__DEFAULT_PARTITION__/part-1': '{"id":2}\n',
    });
    clock.advance(3_600_000);
    await epoch(sink, 2, []);
    expect(
      Object.keys(visible(path))
        .filter(name => name.endsWith('_DONE'))
        .sort(),
    ).toEqual(['v=__DEFAULT_PARTITION__/_DONE', 'v=a%2Fb/_DONE']);
    expect((await read(tableAt(path, {}, [1]), [0, 1])).length).toBe(3);
  });

  it.each([
    ['csv', '1,"a b"\n2,\n', [0, 1], ['["+I",1,"a b"]', '["+I",2,""]']],
    ['raw', 'a b\n\n', [0], ['["+I","a b"]']],
    ['debezium-json', '', [0, 1], ['["+I",1,"a b"]', '["+I",2,null]']],
  ])('writes and reads lines of %s', async (format, text, projection, rows) => {
    const path = folder();
    const all = tableAt(path, { ...EACH, format });
    const one = { ...tableOf({ v: T.text }, [], all.options) };
    const table = format === 'raw' ? one : all;
    const sink = filesystemSink(table, { clock: new TestClock() });
    const writer = await sink.openWriter(at);
    const cells = [
      [1, 'a b'],
      [2, null],
    ] as const;
    await writer.write(
      batchOf(
        table.physicalSchema,
        cells.map(([id, v]) => (format === 'raw' ? ['+I', v] : ['+I', id, v])),
      ),
    );
    const staged = await writer.prepare(1);
    await (await sink.openCommitter(at))!.commit(1, staged!);
    const [written] = Object.values(visible(path));
    if (text !== '') expect(written).toBe(text);
    expect(await read(table, projection)).toEqual(rows);
  });

  const POINTS: Failpoint[] = [
    'files.append.after',
    'files.state.before',
    'files.state.after',
    'files.publish.after',
  ];
  it.each(POINTS)('a crash at %s loses and doubles nothing', async point => {
    const path = folder();
    const options = { 'sink.rolling-policy.file-size': '40b' };
    const rows: string[] = [];
    let struck = 0;
    for (let n = 1; n <= 6; n++) {
      rows.push(`{"id":${n},"v":"row"}`);
      const sink = sinkAt(path, options);
      const writer = await sink.openWriter(at);
      await writer.write(batchOf(tableAt('').physicalSchema, [['+I', n, 'row']]));
      if (n === 6) writer.finish!();
      const staged = (await writer.prepare(n))!;
      armFailpoints(name => {
        if (name !== point) return;
        struck++;
        armFailpoints(null);
        throw new Error('crash');
      });
      const committer = (await sink.openCommitter(at))!;
      await committer.commit(n, staged).catch(() => undefined);
      armFailpoints(null);
      // After a restart the checkpoint's rows are committed again.
      await (await sinkAt(path, options).openCommitter(at))!.commit(n, staged);
    }
    expect(struck).toBeGreaterThan(1);
    const lines = linesOf(path);
    expect(lines.sort()).toEqual(rows.sort());
  });

  it.each<[Record<string, string>, string]>([
    [{ nonsense: '1' }, 'Unsupported options:\n\nnonsense'],
    [{ format: 'orc' }, "Could not find any format factory for identifier 'orc'"],
    [{ format: 'avro' }, "Could not find any format factory for identifier 'avro' that makes lines of files"],
    [{ 'auto-compaction': 'true' }, "not supported yet: 'auto-compaction'"],
    [{ 'sink.partition-commit.trigger': 'partition-time' }, "'partition-time'"],
    [{ 'sink.partition-commit.policy.kind': 'metastore,success-file' }, "'metastore'"],
    [{ 'sink.rolling-policy.file-size': 'big' }, "a size such as '128MB'"],
    [{ path: '/tmp/*.json' }, 'must be one folder'],
  ])('%j is refused', (options, message) => {
    expect(() => sinkAt('/tmp', options)).toThrow(message);
  });
});

/** Two splits of rows; they end only once `isOpen` says so. */
function twoSplits(isOpen: () => boolean): Source {
  const schema = { fields: [{ name: 'id', type: T.int }] };
  return {
    schema,
    bounded: true,
    splits: async () => [{ id: '0' }, { id: '1' }],
    open: async (split, position) => {
      let next = (position as number | null) ?? 0;
      return {
        poll: async (maxWaitMs, signal) => {
          if (next >= 40) {
            if (!isOpen()) return { kind: 'end' };
            await systemClock.sleep(Math.min(maxWaitMs, 10), signal).catch(() => undefined);
            return { kind: 'idle' };
          }
          const ids = Array.from({ length: 10 }, (_, i) => Number(split.id) * 100 + next + i);
          next += 10;
          return {
            kind: 'batch',
            batch: batchOf(
              schema,
              ids.map(id => ['+I', id] as const),
            ),
          };
        },
        position: () => next,
        lag: async () => 40 - next,
        takeRejected: () => [],
        close: async () => undefined,
      };
    },
  };
}

it('a job that goes on with fewer tasks shows what those that are gone had written', async () => {
  const path = folder();
  const { plan } = planScript(
    `CREATE TABLE t (id INT) WITH ('connector' = 'test');
     CREATE TABLE files (id INT) WITH ('connector' = 'filesystem', 'format' = 'json', 'path' = '${path}');
     INSERT INTO files SELECT id FROM t`,
    new Catalog(),
  );
  let isOpen = true;
  const checkpoints = memoryCheckpoints();
  const start = (parallelism: number) =>
    startJob({
      ...{ name: 'test/files', plan, checkpoints, parallelism, clock: systemClock },
      tables: {
        source: async () => twoSplits(() => isOpen),
        sink: async table => filesystemSink(table, { clock: systemClock }),
      },
      newIncarnation: () => 'i',
      logger: { info: () => undefined, warn: () => undefined },
    });
  const first = start(2);
  await first.settle(new AbortController().signal);
  await first.stop();
  expect(visible(path)).toEqual({});
  isOpen = false;
  expect(await start(1).whenEnded).toBe('FINISHED');
  const lines = linesOf(path);
  const ids = lines.map(line => (JSON.parse(line) as { id: number }).id).sort((a, b) => a - b);
  expect(ids).toEqual([...Array(40).keys(), ...[...Array(40).keys()].map(i => i + 100)]);
});
