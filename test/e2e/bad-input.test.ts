import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually, type Millrace, startMillrace } from '../support/millrace.ts';

interface JobRow {
  readonly name: string;
  readonly state: string;
  readonly deadLettered: number;
  readonly recordsIn: number;
}
interface DeadLetter {
  readonly reason: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly value: string;
}

const refused = (args: Parameters<typeof startMillrace>[0]): Promise<string> =>
  startMillrace(args).then(
    async millrace => {
      await millrace.dispose();
      return 'it started';
    },
    error => String((error as Error).message),
  );

describe('what can not start says why and what to do', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace bad '));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('a data directory of a newer version is refused untouched', async () => {
    writeFileSync(join(folder, 'version'), '2\n');
    expect(await refused({ dataDirectory: folder })).toMatch(
      /ended with 1[\s\S]*DATA_DIR_NEWER[\s\S]*version 2, this Millrace knows up to 1[\s\S]*Upgrade Millrace/,
    );
    expect(readdirSync(folder)).toEqual(['version']);
    expect(readFileSync(join(folder, 'version'), 'utf8')).toBe('2\n');
  });

  test('a port that is taken is refused with the remedy', async () => {
    const server = createServer();
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    try {
      const said = await refused({ args: ['--only', 'log', '--http.port', String(port)] });
      expect(said).toMatch(new RegExp(`ended with 1[\\s\\S]*PORT_TAKEN[\\s\\S]*${port}[\\s\\S]*http.port`));
    } finally {
      await new Promise(resolve => server.close(resolve));
    }
  });

  test('an unknown setting is refused with the nearest one', async () => {
    expect(await refused({ args: ['--generator.rat', '5'] })).toMatch(
      /ended with [12][\s\S]*Did you mean --generator.rate\?/,
    );
    expect(await refused({ env: { MILLRACE_GENERATOR_RAT: '5' } })).toMatch(
      /ended with [12][\s\S]*Did you mean MILLRACE_GENERATOR_RATE\?/,
    );
  });
});

describe('bad input while Flavor Trend runs', () => {
  let millrace: Millrace;
  beforeAll(async () => {
    millrace = await startMillrace();
  });
  afterAll(() => millrace?.dispose());

  test('a record that is no change goes to the dead-letter topic, is counted, and stops nothing', async () => {
    const topic = 'flavor.public.orders';
    const file = join(millrace.dataDirectory, 'garbage.txt');
    writeFileSync(file, 'this is no JSON\n');
    expect(millrace.cli('produce', topic, '-f', file).status).toBe(0);
    const jobs = async (): Promise<readonly JobRow[]> =>
      (await millrace.get<{ jobs: readonly JobRow[] }>('/api/status')).jobs;
    const counted = await eventually('a job counts it', async () =>
      (await jobs()).find(job => job.deadLettered > 0),
    );
    const letters = await eventually('the letter', async () => {
      const { stdout } = millrace.cli('consume', `${topic}.dlq`, '--value');
      const found = stdout.split('\n').filter(line => line.includes('no JSON') || line.includes('"value"'));
      return found.length > 0 ? found.map(line => JSON.parse(line) as DeadLetter) : null;
    });
    expect(letters[0]).toMatchObject({ topic, value: Buffer.from('this is no JSON').toString('base64') });
    expect(letters[0]!.reason).not.toBe('');
    expect(letters[0]!.offset).toBeGreaterThan(0);
    await eventually('the job goes on', async () =>
      (await jobs()).some(
        job => job.name === counted.name && job.state === 'RUNNING' && job.recordsIn > counted.recordsIn,
      ),
    );
    const { stdout } = millrace.cli('status');
    expect(stdout).toMatch(/dead/i);
    expect(await (await fetch(`${millrace.url}/metrics`)).text()).toMatch(/dead_letter\w*\{[^}]*\} [1-9]/);
  });

  test('a wrong statement names line, column and what was expected', () => {
    const { status, stderr } = millrace.cli('sql', '-e', 'SELECT status\nFORM orders');
    expect(status).toBe(1);
    expect(stderr).toMatch(/SQL_INVALID/);
    expect(stderr).toMatch(/line 2|2:\d/);
    expect(stderr).toMatch(/expected/);
  });

  test('replay keeps the pace of a time column', async () => {
    const file = join(millrace.dataDirectory, 'paced.csv');
    writeFileSync(file, 'id,at\n1,2026-01-01T00:00:00Z\n2,2026-01-01T00:01:00Z\n3,2026-01-01T00:02:00Z\n');
    const began = performance.now();
    const run = millrace.cli('replay', file, '--topic', 'paced', '--speed', '60', '--time-column', 'at');
    expect(run.status, run.stderr).toBe(0);
    expect(performance.now() - began).toBeGreaterThanOrEqual(2_000); // two minutes at 60 ×, at the least
    expect(run.stderr + run.stdout).toMatch(/3 rows/);
    const wrong = millrace.cli('replay', file, '--topic', 'paced', '--speed', '60', '--time-column', 'when');
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toMatch(/when/);
  });
});

const canMount = process.getuid?.() === 0 && process.platform === 'linux';

describe('a full disk', () => {
  let folder = '';
  let millrace: Millrace | undefined;
  afterEach(async () => {
    await millrace?.dispose();
    if (folder !== '') spawnSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true, force: true });
  });

  test('refuses appends by name, and takes them again when there is room; nothing acknowledged is lost', async ({
    skip,
  }) => {
    if (!canMount) skip('needs root on Linux: it mounts a small file system');
    folder = mkdtempSync(join(tmpdir(), 'millrace full '));
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', folder], {
      encoding: 'utf8',
    });
    if (mounted.status !== 0) skip(`mount is not allowed here: ${mounted.stderr}`);
    const data = join(folder, 'data');
    mkdirSync(data);
    writeFileSync(join(folder, 'ballast'), Buffer.alloc(2 << 20));
    millrace = await startMillrace({ args: ['--only', 'log'], dataDirectory: data });
    await millrace.post('/api/topics', { name: 'filling', partitions: 1 });
    const append = async (id: number): Promise<Response> =>
      fetch(`${millrace!.url}/api/topics/filling/records`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson' },
        body: JSON.stringify({ value: `${id} ${'x'.repeat(60_000)}` }),
      });
    let acknowledged = 0;
    let answer = await append(acknowledged + 1);
    for (; answer.ok && acknowledged < 200; answer = await append(acknowledged + 1)) acknowledged++;
    const problem = await answer.text();
    expect(acknowledged).toBeGreaterThan(10);
    expect(answer.status).toBe(503);
    expect(problem).toMatch(/disk|space/i);
    expect((await fetch(`${millrace.url}/healthz`)).status).toBe(200);

    rmSync(join(folder, 'ballast'));
    await eventually('room again', async () => {
      const again = await append(acknowledged + 1);
      if (again.ok) acknowledged++;
      return again.ok;
    });
    await millrace.kill();
    await millrace.start();
    const { stdout } = millrace.cli('consume', 'filling', '--value');
    const ids = stdout.split('\n').flatMap(line => (line === '' ? [] : [Number.parseInt(line, 10)]));
    expect(ids.slice(0, acknowledged)).toEqual(Array.from({ length: acknowledged }, (_, i) => i + 1));
  });
});
