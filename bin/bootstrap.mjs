// What runs before anything is installed: no dependencies, says what it does, quick when nothing is to do.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const NODE_MIN = [20, 19];

function say(text) {
  process.stderr.write(`millrace: ${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}

export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) return;
  fail(
    `needs Node ${NODE_MIN.join('.')} or newer, this is ${process.versions.node}. Install a newer Node and try again.`,
  );
}

/** True in a checkout or an unpacked source; false where only dist/ was shipped. */
function hasSources() {
  return existsSync(join(root, 'src')) && existsSync(join(root, 'package-lock.json'));
}

function run(what, command, args, cwd = root) {
  const started = Date.now();
  say(`${what} …`);
  const npmFromNode = process.platform === 'win32' && command === 'npm';
  const result = spawnSync(npmFromNode ? 'npm.cmd' : command, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    shell: npmFromNode,
    maxBuffer: 64 << 20,
  });
  if (result.error || result.status !== 0) {
    process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
    fail(
      `${what} failed${result.error ? `: ${result.error.message}` : ` with exit status ${result.status}`}.`,
    );
  }
  say(`${what}: done in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

/** Install when node_modules does not match the lockfile. */
export function installIfStale() {
  if (!hasSources()) return;
  const stamp = join(root, 'node_modules', '.millrace-install');
  const want = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === want) return;
  run('installing dependencies (npm ci)', 'npm', ['ci', '--no-audit', '--no-fund']);
  writeFileSync(stamp, want);
}

/** Newest modification and names under some folders: changes when a file is edited, added or removed. */
function fingerprint(paths) {
  const hash = createHash('sha256');
  const visit = path => {
    const stat = statSync(path);
    if (stat.isDirectory()) {
      for (const name of readdirSync(path).sort())
        if (name !== 'dist' && name !== 'node_modules') visit(join(path, name));
    } else hash.update(`${relative(root, path)} ${stat.mtimeMs} ${stat.size}\n`);
  };
  for (const path of paths) if (existsSync(join(root, path))) visit(join(root, path));
  return hash.digest('hex');
}

function buildPart(name, inputs, stampPath, command, args) {
  const stamp = join(root, stampPath);
  const want = fingerprint(inputs);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === want) return;
  run(`building ${name}`, process.execPath, [join(root, command), ...args]);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, want);
}

/** Build the program and the console when their sources changed. */
export function buildIfStale() {
  if (!hasSources()) return;
  buildPart(
    'the program',
    ['src', 'tsconfig.json', 'package-lock.json'],
    'dist/.stamp',
    'node_modules/typescript/bin/tsc',
    ['-p', 'tsconfig.json'],
  );
  if (existsSync(join(root, 'web', 'index.html'))) {
    buildPart(
      'the console',
      ['web', 'src/live/protocol.ts', 'package-lock.json'],
      'web/dist/.stamp',
      'node_modules/vite/bin/vite.js',
      ['build', 'web', '--logLevel', 'warn'],
    );
  }
}
