import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { eventually, freePort } from '../support/millrace.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;

/** Ours without what npm and Millrace add: a new user's shell has none of it. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const added = /^(npm_|MILLRACE_|VITEST|NODE_)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !added.test(name)));
}

/** `git clone . "$d/a b" && npm start`, as this user or as another one from a checkout of its own. */
describe('a fresh clone', () => {
  let folder = '';
  let child: ChildProcess | undefined;
  let exited: Promise<unknown> = Promise.resolve();

  afterEach(async () => {
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      process.kill(-child.pid, 'SIGTERM');
    }
    await exited;
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const clone = (owner: number | null, mode: number): string => {
    folder = mkdtempSync(join(tmpdir(), 'millrace clone '));
    const checkout = join(folder, 'a b');
    const cloned = spawnSync('git', ['clone', '-q', root, checkout], { encoding: 'utf8' });
    expect(cloned.status, cloned.stderr).toBe(0);
    mkdirSync(join(folder, 'home'));
    if (owner !== null) expect(spawnSync('chown', ['-R', `${owner}:${owner}`, folder]).status).toBe(0);
    chmodSync(folder, mode);
    return checkout;
  };

  const startsIn = async (checkout: string, uid: number | null): Promise<string> => {
    const port = await freePort();
    let printed = '';
    const now = spawn('npm', ['start'], {
      cwd: checkout,
      detached: true,
      env: {
        ...plainEnvironment(),
        HOME: uid === null ? process.env.HOME : join(folder, 'home'),
        MILLRACE_HTTP_PORT: String(port),
      },
      ...(uid === null ? {} : { uid, gid: uid }),
    });
    child = now;
    exited = new Promise(resolve => now.once('close', resolve));
    for (const stream of [now.stdout, now.stderr]) stream.on('data', chunk => (printed += String(chunk)));
    const ready = async (): Promise<boolean> =>
      now.exitCode !== null || (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
    await eventually('ready', ready, 180_000).catch(error => {
      throw new Error(`${error.message}\n${printed.slice(-4000)}`);
    });
    expect(now.exitCode, printed.slice(-4000)).toBeNull();
    await eventually('the address is printed', async () => printed.includes(`:${port}`));
    return printed;
  };

  test('FT-319 FT-321 FT-322: npm start as this user, in a folder that others cannot read', async () => {
    const printed = await startsIn(clone(null, 0o700), null);
    expect(printed).toMatch(/installing dependencies/);
  });

  test.skipIf(!isRoot)('npm start as an ordinary user, from a checkout of its own', async () => {
    await startsIn(clone(NOBODY, 0o755), NOBODY);
  });
});
