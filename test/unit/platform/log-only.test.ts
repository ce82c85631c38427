import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolveConfig } from '../../../src/platform/config/resolve.ts';
import { type Platform, startPlatform } from '../../../src/platform/start.ts';

describe('the log alone', () => {
  let root: string;
  let platform: Platform;
  const start = (): Promise<Platform> =>
    startPlatform({
      config: resolveConfig({
        flags: new Map([
          ['data', root],
          ['http.port', '0'],
        ]),
        environment: {},
      }),
      ...{ app: null, generator: false, say: () => undefined, signal: new AbortController().signal },
    });
  const call = async (method: string, path: string, body?: string, type = 'application/json') => {
    const init = body === undefined ? { method } : { method, body, headers: { 'content-type': type } };
    const response = await fetch(platform.url + path, init);
    return {
      status: response.status,
      text: await response.text(),
      next: response.headers.get('x-next-offset'),
    };
  };
  const append = (query: string, lines: string) =>
    call('POST', `/api/topics/t/records${query}`, lines, 'application/x-ndjson');

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'millrace log '));
    platform = await start();
  });
  afterAll(async () => {
    await platform.stop();
    rmSync(root, { recursive: true, force: true });
  });

  test('is ready, and its directory is refused to a second one', async () => {
    expect((await call('GET', '/readyz')).status).toBe(200);
    expect((await call('GET', '/docs/openapi.json')).text).toContain('/api/topics/{topic}/records');
    expect((await call('GET', '/metrics')).text).toContain('millrace_log_records_appended_total');
    expect((await call('GET', '/api/nothing')).status).toBe(404);
  });

  test('topics are created once and named when missing', async () => {
    expect((await call('POST', '/api/topics', '{"name":"t","partitions":2}')).status).toBe(201);
    expect((await call('POST', '/api/topics', '{"name":"t"}')).status).toBe(409);
    expect((await call('POST', '/api/topics', '{"name":"a b"}')).status).toBe(400);
    const missing = await call('GET', '/api/topics/u');
    expect(missing.status).toBe(404);
    expect(missing.text).toContain('there are t');
  });

  test('a repeated request is stored once', async () => {
    const lines = '{"value":"a","partition":1}\n{"value":"b","partition":1}';
    await append('?producer=p&sequence=0', lines);
    const again = await append('?producer=p&sequence=0', lines);
    expect(JSON.parse(again.text)).toMatchObject({ appends: [{ partition: 1, duplicate: true }] });
    const read = await call('GET', '/api/topics/t/records?partition=1');
    expect(
      read.text
        .trim()
        .split('\n')
        .map(line => JSON.parse(line).value),
    ).toEqual(['a', 'b']);
    expect(read.next).toBe('2');
    expect((await append('?producer=p', lines)).status).toBe(400);
  });

  test('a reader waits for the first record', async () => {
    const { partitions } = JSON.parse((await call('GET', '/api/topics/t')).text);
    const end = partitions[1].logEndOffset;
    const reading = call('GET', `/api/topics/t/records?partition=1&offset=${end}&wait_ms=20000`);
    await append('', '{"value":"late","partition":1}');
    expect(JSON.parse((await reading).text)).toMatchObject({ offset: end, value: 'late' });
  });

  test('wrong requests are refused with the reason', async () => {
    expect((await call('GET', '/api/topics/t/records?partition=7')).text).toContain('partitions 0 to 1');
    expect((await call('GET', '/api/topics/t/records?offset=99')).status).toBe(416);
    expect((await append('', 'not json')).text).toContain('line 1');
    expect((await call('POST', '/api/topics/t/records', 'x', 'text/plain')).status).toBe(415);
  });

  test('what was stored is there after a restart', async () => {
    await platform.stop();
    platform = await start();
    expect(JSON.parse((await call('GET', '/api/topics/t')).text).records).toBeGreaterThanOrEqual(3);
  });
});
