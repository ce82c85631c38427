import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolveConfig } from '../../../src/platform/config/resolve.ts';
import { type Platform, startPlatform } from '../../../src/platform/start.ts';

describe('topics and groups as operators see them', () => {
  let root: string;
  let platform: Platform;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'millrace admin '));
    platform = await startPlatform({
      config: resolveConfig({
        flags: new Map([
          ['data', root],
          ['http.port', '0'],
        ]),
        environment: {},
      }),
      ...{ app: null, generator: false, say: () => undefined, signal: new AbortController().signal },
    });
    await call('POST', '/api/topics', { name: 't', partitions: 2, config: { 'retention.ms': 3_600_000 } });
    const lines = Array.from(
      { length: 10 },
      (_, i) => `{"value":"v${i}","partition":0,"timestamp":${1000 + i}}`,
    );
    await call('POST', '/api/topics/t/records', lines.join('\n'), 'application/x-ndjson');
  });
  afterAll(async () => {
    await platform.stop();
    rmSync(root, { recursive: true, force: true });
  });

  interface Answer {
    readonly status: number;
    readonly body: never;
  }
  async function call(
    method: string,
    path: string,
    body?: unknown,
    type = 'application/json',
  ): Promise<Answer> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const init = body === undefined ? {} : { body: text, headers: { 'content-type': type } };
    const response = await fetch(platform.url + path, { method, ...init });
    const answer = await response.text();
    return { status: response.status, body: (answer === '' ? null : JSON.parse(answer)) as never };
  }
  const get = async (path: string): Promise<never> => (await call('GET', path)).body;

  test('a topic tells sizes, settings and, from the second look on, rates', async () => {
    const [topic] = (await get('/api/topics')) as Record<string, unknown>[];
    expect(topic).toMatchObject({
      ...{ name: 't', internal: false, records: 10, cleanupPolicy: 'delete', retentionMs: 3_600_000 },
      config: { 'retention.ms': 3_600_000 },
    });
    expect(topic!['sizeBytes']).toBeGreaterThan(0);
    const { clusterId } = (await get('/api/cluster')) as { clusterId: string };
    expect(clusterId).toMatch(/^[\w-]{22}$/);
  });

  test('settings are told with where they come from, changed, and given back', async () => {
    const settings = async () =>
      new Map(
        ((await get('/api/topics/t/config')) as { name: string; value: string; source: string }[]).map(
          entry => [entry.name, `${entry.value} ${entry.source}`],
        ),
      );
    expect((await settings()).get('retention.ms')).toBe('3600000 DYNAMIC_TOPIC_CONFIG');
    expect((await settings()).get('cleanup.policy')).toBe('delete DEFAULT_CONFIG');
    const changed = await call('PATCH', '/api/topics/t/config', {
      ...{ 'cleanup.policy': 'compact,delete', 'retention.ms': null },
    });
    expect(changed.status).toBe(200);
    expect((await settings()).get('cleanup.policy')).toBe('compact,delete DYNAMIC_TOPIC_CONFIG');
    expect((await settings()).get('retention.ms')).toMatch(/^604800000 (DEFAULT|STATIC_BROKER)_CONFIG$/);
    const wrong = await call('PATCH', '/api/topics/t/config', { 'cleanup.policy': 'keep' });
    expect(wrong).toMatchObject({ status: 400, body: { error: { code: 'TOPIC_INVALID' } } });
    expect((wrong.body as { error: { message: string } }).error.message).toContain('cleanup.policy');
    expect((await settings()).get('cleanup.policy')).toContain('compact,delete');
    expect((await call('GET', '/api/topics/u/config')).status).toBe(404);
  });

  test('partitions are added and never taken away; records are deleted up to an offset', async () => {
    expect((await call('POST', '/api/topics/t/partitions', { total: 3 })).status).toBe(200);
    expect((await call('POST', '/api/topics/t/partitions', { total: 3 })).status).toBe(400);
    expect((await get('/api/topics/t')) as object).toMatchObject({ partitions: { length: 3 } });
    const cut = (query: string) => call('DELETE', `/api/topics/t/records?${query}`);
    expect(await cut('partition=0&before=2')).toMatchObject({ status: 200, body: { logStartOffset: 2 } });
    expect((await cut('partition=0&before=99')).status).toBe(416);
  });

  test('a group tells its lag, is reset within what the partition has, and is forgotten', async () => {
    expect(await get('/api/groups')).toEqual([]);
    const offsets = [{ topic: 't', partition: 0, offset: 6 }];
    expect((await call('PUT', '/api/groups/g/offsets', { offsets })).status).toBe(204);
    const [group] = (await get('/api/groups?topic=t')) as object[];
    expect(group).toMatchObject({
      ...{ groupId: 'g', state: 'Empty', members: [], topics: ['t'], lag: 4 },
      partitions: [
        { topic: 't', partition: 0, committedOffset: 6, logEndOffset: 10, lag: 4, memberId: null },
      ],
    });
    expect(await get('/api/groups?topic=other')).toEqual([]);

    const reset = async (body: object) => (await call('POST', '/api/groups/g/offsets', body)).body;
    expect(await reset({ to: 'earliest', dry_run: true })).toEqual([
      { topic: 't', partition: 0, before: 6, after: 2, again: 4 },
    ]);
    expect((await get('/api/groups/g')) as object).toMatchObject({ lag: 4 });
    expect(await reset({ to: { time: 1008 }, topic: 't', partitions: [0] })).toMatchObject([
      { after: 8, again: -2 },
    ]);
    expect((await get('/api/groups/g')) as object).toMatchObject({ lag: 2 });
    expect(await reset({ to: { time: '2030-01-01T00:00:00Z' } })).toMatchObject([{ after: 10 }]);
    expect(await reset({ to: { offset: 0 }, topic: 't' })).toMatchObject([
      ...[{ partition: 0, after: 2 }],
      ...[{ partition: 1, before: null, after: 0 }, { partition: 2 }],
    ]);

    expect((await call('POST', '/api/groups/none/offsets', { to: 'latest' })).status).toBe(404);
    expect((await call('POST', '/api/groups/g/offsets', { to: 'latest', topic: 'u' })).status).toBe(404);
    expect((await call('POST', '/api/groups/g/offsets', { to: 'sometime' })).status).toBe(400);
    expect((await call('DELETE', '/api/groups/g')).status).toBe(204);
    const missing = await call('GET', '/api/groups/g');
    expect(missing).toMatchObject({
      status: 404,
      body: { error: { message: expect.stringContaining('there are none') } },
    });
  });
});
