import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolveConfig } from '../../../src/platform/config/resolve.ts';
import { type Platform, startPlatform } from '../../../src/platform/start.ts';

interface Shown {
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key: { readonly text?: string } | null;
  readonly value: { readonly text?: string; readonly base64?: string; bytes: number; cut: boolean } | null;
  readonly headers: readonly { readonly key: string; readonly value: { readonly text?: string } | null }[];
  readonly batch: { readonly baseOffset: number; readonly records: number; compression: string } | null;
}
interface StreamEvent {
  readonly event: string;
  readonly data: Record<string, unknown> & { readonly records?: readonly Shown[] };
}

describe('records as a stream', () => {
  let root: string;
  let platform: Platform;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'millrace stream '));
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
    await call('POST', '/api/topics', '{"name":"t","partitions":3}');
    await call('POST', '/api/topics', '{"name":"odd"}');
    await call('POST', '/api/topics', '{"name":"empty","partitions":2}');
    // Times go over the partitions by turns: 0 → 1000, 1 → 1001, 2 → 1002, 0 → 1003 …
    const lines = Array.from({ length: 30 }, (_, i) =>
      JSON.stringify({
        ...{ key: `k${i}`, value: { n: i, city: i % 10 === 3 ? 'Sfax' : 'Tunis' } },
        ...{ partition: i % 3, timestamp: 1000 + i, headers: { trace: `id-${i}` } },
      }),
    );
    await append('t', lines.join('\n'));
    await append('odd', '{"value_base64":"/wA="}\n{"value":null,"key":"gone"}\n{"value":"é€x"}');
  });
  afterAll(async () => {
    await platform.stop();
    rmSync(root, { recursive: true, force: true });
  });

  async function call(method: string, path: string, body: string, type = 'application/json'): Promise<void> {
    const response = await fetch(platform.url + path, { method, body, headers: { 'content-type': type } });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  }
  const append = (topic: string, lines: string): Promise<void> =>
    call('POST', `/api/topics/${topic}/records`, lines, 'application/x-ndjson');

  async function* events(topic: string, query: string, signal?: AbortSignal): AsyncGenerator<StreamEvent> {
    const init = signal === undefined ? {} : { signal };
    const response = await fetch(`${platform.url}/api/topics/${topic}/stream?${query}`, init);
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const whole = (text + chunk).split('\n\n');
      text = whole.pop()!;
      for (const each of whole) {
        const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(each) ?? [];
        yield { event: event!, data: JSON.parse(data!) };
      }
    }
  }
  async function ask(topic: string, query: string): Promise<{ shown: Shown[]; end: StreamEvent['data'] }> {
    const shown: Shown[] = [];
    for await (const { event, data } of events(topic, query)) {
      if (event === 'records') shown.push(...data.records!);
      if (event === 'end') return { shown, end: data };
      if (event === 'error') throw new Error(JSON.stringify(data));
    }
    throw new Error('the stream ended without an end');
  }
  const numbers = (shown: readonly Shown[]): number[] =>
    shown.map(record => (JSON.parse(record.value!.text!) as { n: number }).n);
  const next = (end: StreamEvent['data']): string =>
    Object.entries(end['next'] as Record<string, number>)
      .map(pair => pair.join(':'))
      .join(',');

  test('partitions are merged by time, forward and backward, page by page', async () => {
    const first = await ask('t', 'limit=12');
    expect(numbers(first.shown)).toEqual(Array.from({ length: 12 }, (_, i) => i));
    expect(first.end).toMatchObject({ reason: 'limit', found: 12 });
    const rest = await ask('t', `limit=100&positions=${next(first.end)}`);
    expect(numbers(rest.shown)).toEqual(Array.from({ length: 18 }, (_, i) => 12 + i));
    expect(rest.end).toMatchObject({ reason: 'end' });

    const latest = await ask('t', 'direction=backward&limit=7');
    expect(numbers(latest.shown)).toEqual([29, 28, 27, 26, 25, 24, 23]);
    const older = await ask('t', `direction=backward&limit=100&positions=${next(latest.end)}`);
    expect(numbers(older.shown)).toEqual(Array.from({ length: 23 }, (_, i) => 22 - i));
  });

  test('begins at an offset or a time, in one partition or in all', async () => {
    const { shown } = await ask('t', 'partitions=1&offset=8');
    expect(shown.map(record => [record.partition, record.offset])).toEqual([
      [1, 8],
      [1, 9],
    ]);
    expect(numbers((await ask('t', 'time=1025')).shown)).toEqual([25, 26, 27, 28, 29]);
    expect(numbers((await ask('t', 'time=1970-01-01T00:00:01.028Z')).shown)).toEqual([28, 29]);
    expect(numbers((await ask('t', 'direction=backward&time=1003')).shown)).toEqual([2, 1, 0]);
    expect((await ask('t', 'time=9999')).shown).toEqual([]);
    expect((await ask('empty', 'direction=backward')).end).toMatchObject({ reason: 'end', found: 0 });
  });

  test('a search looks in key, value and headers, and only there', async () => {
    expect(numbers((await ask('t', 'search=sfax')).shown)).toEqual([3, 13, 23]);
    expect(numbers((await ask('t', 'search=sfax&direction=backward&limit=2')).shown)).toEqual([23, 13]);
    expect((await ask('t', 'search=sfax&in=key,headers')).shown).toEqual([]);
    expect(numbers((await ask('t', 'search=ID-29&in=headers')).shown)).toEqual([29]);
    expect(numbers((await ask('t', 'search=k7&in=key')).shown)).toEqual([7]);
  });

  test('a search stops at its bound and goes on from there', async () => {
    const found: number[] = [];
    let query = 'search=sfax&scan_records=1';
    for (let asked = 0; ; asked++) {
      expect(asked, 'it comes to an end').toBeLessThan(40);
      const { shown, end } = await ask('t', query);
      found.push(...numbers(shown));
      if (end['reason'] === 'end') break;
      expect(end['reason']).toBe('bound');
      query = `search=sfax&scan_records=1&positions=${next(end)}`;
    }
    expect(found.sort((a, b) => a - b)).toEqual([3, 13, 23]);
  });

  test('shows bytes that are no text, tombstones, headers, batches and cut values', async () => {
    const { shown } = await ask('odd', '');
    expect(shown[0]).toMatchObject({ key: null, value: { base64: '/wA=', bytes: 2, cut: false } });
    expect(shown[1]).toMatchObject({ key: { text: 'gone' }, value: null });
    expect(shown[0]!.batch).toMatchObject({ baseOffset: 0, records: 3, compression: 'none' });
    const cut = await ask('odd', 'value_bytes=3');
    expect(cut.shown[2]!.value).toEqual({ text: 'é', bytes: 6, cut: true });
    const [record] = (await ask('t', 'limit=1')).shown;
    expect(record!.headers).toEqual([{ key: 'trace', value: { text: 'id-0', bytes: 4, cut: false } }]);
  });

  test('follows what comes', async () => {
    const stop = new AbortController();
    const seen: string[] = [];
    for await (const { event, data } of events('t', 'offset=latest&follow=true&search=new', stop.signal)) {
      if (event === 'live') await append('t', '{"value":"old"}\n{"value":"new 1"}\n{"value":"new 2"}');
      if (event === 'records') seen.push(...data.records!.map(record => record.value!.text!));
      if (seen.length === 2) break;
    }
    stop.abort();
    expect(seen).toEqual(['new 1', 'new 2']);
  });

  test('refuses what does not fit, with the reason', async () => {
    const refused = async (topic: string, query: string): Promise<string> => {
      const response = await fetch(`${platform.url}/api/topics/${topic}/stream?${query}`);
      return `${response.status} ${await response.text()}`;
    };
    expect(await refused('nothing', '')).toMatch(/^404.*there are/);
    expect(await refused('t', 'partitions=0,3')).toMatch(/^404.*partitions 0 to 2, not 3/);
    expect(await refused('t', 'direction=backward&follow=true')).toMatch(/^400.*can `follow`/);
    expect(await refused('t', 'positions=a')).toMatch(/^400.*PARTITION:OFFSET/);
    expect(await refused('t', 'in=keys')).toMatch(/^400/);
  });
});
