import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliResult, eventually, type Millrace, startMillrace } from '../support/millrace.ts';
import { bootstrapOf, consumeAsMember, hasKcat } from '../support/topic-page.ts';

describe('topics, produce, consume and groups on the command line', () => {
  let millrace: Millrace;
  let folder: string;
  let bootstrap: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'millrace cli '));
    millrace = await startMillrace({ args: ['--only', 'log'], env: { MILLRACE_KAFKA_PORT: '0' } });
    bootstrap = await bootstrapOf(millrace);
  });
  afterAll(async () => {
    await millrace?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const ok = (...args: readonly string[]): string => {
    const { status, stdout, stderr } = millrace.cli(...args);
    expect(`${status} ${status === 0 ? '' : stderr}`, args.join(' ')).toBe('0 ');
    return stdout;
  };
  const fails = (...args: readonly string[]): CliResult => {
    const result = millrace.cli(...args);
    expect(result.status, args.join(' ')).not.toBe(0);
    return result;
  };
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  test('topics: created, listed, described, altered, deleted', () => {
    expect(ok('topics')).toBe('no topics yet\n');
    expect(ok('topics', 'create', 'trips', '--partitions', '2', '--config', 'cleanup.policy=compact')).toBe(
      'created trips with 2 partitions\n',
    );
    expect(ok('topics', 'create', 'trips', '--if-not-exists')).toBe('trips is there already\n');
    expect(fails('topics', 'create', 'trips').stderr).toContain('TOPIC_EXISTS');
    expect(ok('topics')).toMatch(/^topic +partitions +records +size\ntrips +2 +0 +\d/);
    expect(ok('topics', 'alter', 'trips', '--config', 'segment.ms=60000', '--partitions', '3')).toBe(
      'segment.ms = 60000\ntrips has 3 partitions\n',
    );
    const described = ok('topics', 'describe', 'trips');
    expect(described).toMatch(/^trips: 3 partitions, 0 records/);
    expect(described).toMatch(/segment\.ms +60000 +set for this topic/);
    expect(described).toMatch(/retention\.ms +604800000 +(default|broker)/);
    expect(ok('topics', 'alter', 'trips', '--reset', 'segment.ms')).toBe(
      'segment.ms has its default again\n',
    );
    const json = JSON.parse(ok('topics', 'describe', 'trips', '--json')) as {
      config: object;
      settings: object[];
    };
    expect(json.config).toEqual({ 'cleanup.policy': 'compact' });
    expect(json.settings.length).toBeGreaterThan(5);
    expect(fails('topics', 'alter', 'trips', '--config', 'cleanup.policy=keep').stderr).toContain(
      'cleanup.policy',
    );
    expect(fails('topics', 'alter', 'trips').stderr).toContain('--config, --reset or --partitions');
    expect(fails('topics', 'list', 'trips').stderr).toContain('topics describe trips');
    expect(fails('topics', 'describe', 'nowhere').stderr).toMatch(/UNKNOWN_TOPIC.*there are trips/);
    expect(ok('topics', 'delete', 'trips')).toBe('deleted trips\n');
    expect(ok('topics', 'delete', 'trips', '--if-exists')).toBe('trips is not there\n');
    expect(fails('topics', 'remove', 'trips').status).toBe(2);
  });

  test('produce and consume: keys, headers, tombstones, formats, offsets and times', () => {
    ok('topics', 'create', 'weather', '--partitions', '2');
    const lines = file('weather.txt', 'paris|21\nrome|30\nparis|\n');
    expect(
      millrace.cli('produce', 'weather', '-f', lines, '-K', '|', '-Z', '-H', 'source=shell', '-p', '1')
        .stderr,
    ).toBe('appended 3 records\n');
    expect(ok('consume', 'weather', '-f', '%t/%p/%o %k=%s (%S) %h\\n')).toBe(
      'weather/1/0 paris=21 (2) source=shell\nweather/1/1 rome=30 (2) source=shell\nweather/1/2 paris=NULL (-1) source=shell\n',
    );
    expect(ok('consume', 'weather', '-p', '1', '-o', '1', '--max', '1', '--value')).toBe('30\n');
    expect(ok('consume', 'weather', '-o', '-1', '-f', '%o\\n')).toBe('2\n');
    expect(ok('consume', 'weather', '-o', 'latest')).toBe('');
    const timed = file(
      'timed.jsonl',
      '{"key":"a","value":1,"timestamp":1000,"partition":0}\n{"key":"b","value":{"x":2},"timestamp":2000,"partition":0}\n',
    );
    ok('produce', 'weather', '--json', '-f', timed);
    expect(
      ok('consume', 'weather', '-p', '0', '--time', '1970-01-01T00:00:01.500Z', '-f', '%T %k %s\\n'),
    ).toBe('2000 b {"x":2}\n');
    expect(JSON.parse(ok('consume', 'weather', '-n', '1'))).toMatchObject({
      ...{ partition: 0, offset: 0, timestamp: 1000, key: 'a', value: '1' },
    });
    const whole = file('whole.json', '{\n  "many": "lines"\n}\n');
    ok('produce', 'weather', '--whole', '-k', 'doc', '-p', '0', '-f', whole);
    expect(ok('consume', 'weather', '-p', '0', '-o', '-1', '--value')).toBe('{\n  "many": "lines"\n}\n\n');
    expect(fails('consume', 'weather', '-f', '%q').stderr).toContain('There are %t');
    expect(fails('consume', 'weather', '--time', 'noon').stderr).toContain('--time noon');
    expect(fails('consume', 'weather', '--isolation', 'none').stderr).toContain('read_committed');
    expect(fails('produce', 'weather', '-f', join(folder, 'missing')).stderr).toContain('no such file');
    expect(fails('produce', 'nowhere', '-f', lines).stderr).toContain('UNKNOWN_TOPIC');
  });

  test('consume --follow goes on with what comes and commits for its group until Ctrl-C', async () => {
    ok('topics', 'create', 'news');
    const bin = join(process.cwd(), 'bin', 'millrace.mjs');
    const args = ['consume', 'news', '--follow', '--group', 'readers', '-f', '%s\\n'];
    const reader = spawn(process.execPath, [bin, ...args], {
      env: { ...process.env, MILLRACE_DATA: millrace.dataDirectory },
    });
    let printed = '';
    reader.stdout.on('data', chunk => {
      printed += String(chunk);
    });
    const ended = new Promise<number | null>(resolve => reader.once('exit', resolve));
    ok('produce', 'news', '-f', file('news.txt', 'one\ntwo\n'));
    await eventually('both are printed', async () => printed === 'one\ntwo\n');
    reader.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(ok('groups', 'describe', 'readers')).toMatch(/^readers: Empty.*lag 0\n.*\nnews +0 +2 +2 +0/s);
    ok('produce', 'news', '-f', file('more.txt', 'three\n'));
    expect(ok('consume', 'news', '--group', 'readers', '-f', '%s\\n')).toBe('three\n');
    expect(ok('consume', 'news', '--group', 'readers')).toBe('');
  });

  test('consume ends quietly when nobody reads on', async () => {
    ok('topics', 'create', 'long');
    ok('produce', 'long', '-f', file('long.txt', `${'x'.repeat(99)}\n`.repeat(20_000)));
    const bin = join(process.cwd(), 'bin', 'millrace.mjs');
    const reader = spawn(process.execPath, [bin, 'consume', 'long', '--value'], {
      env: { ...process.env, MILLRACE_DATA: millrace.dataDirectory },
    });
    let said = '';
    reader.stderr.on('data', chunk => {
      said += String(chunk);
    });
    const ended = new Promise<number | null>(resolve => reader.once('exit', resolve));
    reader.stdout.once('data', () => reader.stdout.destroy());
    expect(`${await ended} ${said}`).toBe('0 ');
  });

  test('FT-326: groups with their lag, reset first said and then done, deleted', () => {
    const offsets = () => ok('groups', 'describe', 'readers');
    expect(ok('groups')).toMatch(/^group +state +members +lag +topics\nreaders +Empty +0 +0 +news\n$/);
    const dry = millrace.cli('groups', 'reset-offsets', 'readers', '--to-earliest');
    expect(dry).toMatchObject({ status: 0, stderr: 'nothing is set yet: --execute does it\n' });
    expect(dry.stdout).toMatch(/^topic +partition +before +after\nnews +0 +3 +0\n$/);
    expect(offsets()).toContain('lag 0');
    ok('groups', 'reset-offsets', 'readers', '--topic', 'news:0', '--to-offset', '1', '--execute');
    expect(offsets()).toContain('lag 2');
    ok('groups', 'reset-offsets', 'readers', '--shift-by', '1', '--execute');
    expect(offsets()).toContain('lag 1');
    ok('groups', 'reset-offsets', 'readers', '--to-datetime', '2h', '--execute');
    expect(offsets()).toContain('lag 3');
    expect(fails('groups', 'reset-offsets', 'readers').stderr).toContain('needs one of --to-earliest');
    expect(fails('groups', 'describe', 'nobody').stderr).toMatch(/NOT_FOUND.*there are readers/);
    expect(ok('groups', 'delete', 'readers')).toBe('deleted readers\n');
    expect(ok('groups')).toBe('no consumer groups yet\n');
  });

  test.skipIf(!hasKcat)('a group with members is not reset, and says so', async () => {
    ok('topics', 'create', 'busy');
    const member = consumeAsMember(bootstrap, 'workers', 'busy');
    try {
      await eventually('the member reads', async () =>
        (
          await millrace.get<{ members: readonly { assignment: readonly unknown[] }[] }>(
            '/api/groups/workers',
          )
        ).members.some(({ assignment }) => assignment.length === 1),
      );
      expect(ok('groups', 'describe', 'workers')).toMatch(
        /^workers: Stable, assignor .*\n.*^busy +0 .*rdkafka/ms,
      );
      const refused = fails(
        'groups',
        'reset-offsets',
        'workers',
        '--topic',
        'busy',
        '--to-earliest',
        '--execute',
      );
      expect(refused.stderr).toMatch(/NON_EMPTY_GROUP.*stop its consumers first/);
      expect(fails('consume', 'busy', '--group', 'workers').stderr).toContain('stop them first');
      expect(fails('groups', 'delete', 'workers').stderr).toContain('NON_EMPTY_GROUP');
    } finally {
      member.kill('SIGTERM');
    }
  });

  test('the same commands speak to any Kafka with --bootstrap', () => {
    const there = ['--bootstrap', bootstrap];
    ok('topics', 'create', 'remote', '--partitions', '2', '--config', 'retention.ms=60000', ...there);
    ok('produce', 'remote', '-f', file('remote.txt', 'a:1\nb:2\n'), '-K', ':', ...there);
    expect(
      ok('consume', 'remote', '-f', '%k%s ', ...there)
        .trim()
        .split(' ')
        .sort(),
    ).toEqual(['a1', 'b2']);
    expect(ok('consume', 'remote', '--group', 'far', '-f', '%k%s ', ...there).length).toBe(6);
    expect(ok('groups', 'describe', 'far', ...there)).toMatch(/^far: Empty.*lag 0/);
    ok('groups', 'reset-offsets', 'far', '--to-earliest', '--execute', ...there);
    expect(ok('groups', 'describe', 'far')).toContain('lag 2');
    expect(ok('topics', 'describe', 'remote', ...there)).toMatch(/retention\.ms +60000 +set for this topic/);
    ok('topics', 'delete', 'remote', ...there);
    expect(ok('topics')).not.toContain('remote');
    expect(fails('topics', '--bootstrap', 'nowhere').stderr).toContain('expected HOST:PORT');
  });
});
