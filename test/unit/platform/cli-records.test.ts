import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseArguments } from '../../../src/platform/cli/arguments.ts';
import type { Command } from '../../../src/platform/cli/command.ts';
import { consumeCommand } from '../../../src/platform/cli/commands/consume.ts';
import { produceCommand } from '../../../src/platform/cli/commands/produce.ts';
import { type Config, resolveConfig } from '../../../src/platform/config/resolve.ts';
import { type Platform, startPlatform } from '../../../src/platform/start.ts';

describe('produce and consume in this process', () => {
  let root: string;
  let platform: Platform;
  let config: Config;
  let topic = 0;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'millrace records '));
    const flags = [
      ['data', join(root, 'data')],
      ['http.port', '0'],
      ['kafka.port', '0'],
    ] as const;
    config = resolveConfig({ flags: new Map(flags), environment: {} });
    platform = await startPlatform({
      ...{ config, app: null, generator: false, say: () => undefined },
      signal: new AbortController().signal,
    });
  });
  afterAll(async () => {
    await platform.stop();
    rmSync(root, { recursive: true, force: true });
  });
  /** Each test has a topic of its own with two partitions. */
  beforeEach(async () => {
    topic++;
    await call('POST', '/api/topics', JSON.stringify({ name: `t${topic}`, partitions: 2 }));
  });

  async function call(method: string, path: string, body?: string): Promise<string> {
    const type = path.endsWith('records') ? 'application/x-ndjson' : 'application/json';
    const init = body === undefined ? {} : { body, headers: { 'content-type': type } };
    const response = await fetch(platform.url + path, { method, ...init });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return text;
  }
  const append = (partition: number, ...values: readonly string[]): Promise<string> =>
    call(
      'POST',
      `/api/topics/t${topic}/records`,
      values.map(value => JSON.stringify({ value, partition })).join('\n'),
    );

  interface Running {
    readonly ended: Promise<number>;
    readonly stop: AbortController;
    /** What was printed so far. */
    printed(): string;
  }
  type OnWrite = (stop: AbortController) => Promise<void> | void;

  function run(command: Command, args: readonly string[], onWrite: OnWrite = () => undefined): Running {
    const stop = new AbortController();
    let printed = '';
    const ended = command.run({
      ...parseArguments(command, [`t${topic}`, ...args]),
      ...{ config, signal: stop.signal, err: () => undefined },
      out: text => {
        printed += text;
      },
      write: async bytes => {
        printed += Buffer.from(bytes).toString();
        await onWrite(stop);
      },
    });
    return { ended, stop, printed: () => printed };
  }
  const printedBy = async (...args: readonly string[]): Promise<string> => {
    const running = run(consumeCommand, args);
    await running.ended;
    return running.printed();
  };
  const file = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(root, name), content);
    return join(root, name);
  };
  const produce = (...args: readonly string[]): Promise<number> => run(produceCommand, args).ended;

  test('consume ends where the topic ended when it began, whatever comes meanwhile', async () => {
    await append(0, 'a', 'b');
    const reading = run(consumeCommand, ['--value'], async () => {
      await append(0, 'more');
    });
    expect(await reading.ended).toBe(0);
    expect(reading.printed()).toBe('a\nb\n');
  });

  test('--follow with a number ends behind it, though other partitions have nothing', async () => {
    await append(0, 'a', 'b', 'c', 'd');
    expect(await printedBy('--follow', '-n', '3', '--value')).toBe('a\nb\nc\n');
    expect(await printedBy('--follow', '-n', '0', '--group', 'none')).toBe('');
  }, 10_000);

  test('--follow prints no more than the number, however slow the reader is', async () => {
    await append(0, 'a', 'b', 'c', 'd');
    await append(1, 'a', 'b', 'c', 'd');
    const reading = run(consumeCommand, ['--follow', '-n', '3', '--value'], async () => {
      for (let i = 0; i < 5; i++) await call('GET', `/api/topics/t${topic}`);
    });
    await reading.ended;
    expect(reading.printed()).toBe('a\nb\nc\n');
  }, 10_000);

  test('--follow ends with the failure of one partition, and reads no other behind it', async () => {
    await append(0, 'a', 'b', 'c');
    const reading = run(consumeCommand, ['--follow', '-o', '2', '--value']);
    await expect(reading.ended).rejects.toMatchObject({ code: expect.stringContaining('OFFSET') });
    const before = reading.printed();
    await append(0, 'late');
    expect(await printedBy('--follow', '-p', '0', '-o', '3', '-n', '1', '--value')).toBe('late\n');
    expect(reading.printed()).toBe(before);
  }, 10_000);

  test('Ctrl-C, and the end of who reads what is printed, are the end', async () => {
    await append(0, 'a');
    const followed = run(consumeCommand, ['--follow', '--value'], stop =>
      stop.abort(new Error('interrupted')),
    );
    expect(await followed.ended).toBe(0);
    const group = ['--follow', '--group', `g${topic}`, '--value'];
    const committing = run(consumeCommand, group, stop => stop.abort(new Error('interrupted')));
    expect(await committing.ended).toBe(0);
    expect(committing.printed()).toBe('a\n');
    expect(await printedBy('--group', `g${topic}`, '--value')).toBe('');
  }, 10_000);

  test('bytes that are no text are produced as they are, whole; lines of them are refused', async () => {
    const bytes = Uint8Array.of(0xff, 0x0a, 0x00, 0xc3);
    await produce('--whole', '-p', '0', '-k', 'b', '-f', file('bytes', bytes));
    expect(JSON.parse(await printedBy())).toMatchObject({
      ...{ key: 'b', value_base64: Buffer.from(bytes).toString('base64') },
    });
    const lines = file('lines', Buffer.concat([Buffer.from('ä\r\nb\n'), bytes]));
    await expect(produce('-f', lines)).rejects.toThrow(/^line 3 of the input is no UTF-8/);
    await expect(produce('--whole', '-K', '|', '-f', lines)).rejects.toThrow(/can not be split/);
    await expect(produce('-f', join(root, 'missing'))).rejects.toThrow(/--file .*no such file/);
  });

  test('a line of --json says all for itself', async () => {
    const lines = file('json', '{"key":"k","value":"v"}\n');
    for (const flag of ['--key=x', '--partition=1', '--header=a=b', '--null', '--key-separator=|', '--whole'])
      await expect(produce('--json', flag, '-f', lines)).rejects.toThrow(/does not go with --json/);
    await produce('--json', '-f', lines);
    expect(await printedBy('-f', '%k=%s')).toBe('k=v');
  });

  test('records with neither key nor partition go to one partition after the other', async () => {
    const place = async (): Promise<unknown> => {
      const answer = await call('POST', `/api/topics/t${topic}/records`, '{"value":"a"}\n{"value":"b"}');
      const { appends } = JSON.parse(answer) as { appends: readonly { partition: number }[] };
      return appends.map(({ partition }) => partition);
    };
    const places = [await place(), await place(), await place()];
    expect(places[0]).toHaveLength(1);
    expect(places[1]).not.toEqual(places[0]);
    expect(places[2]).toEqual(places[0]);
  });
});
