import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Write a generated page, or with `--check` on the command line exit with 1 when the page on disk differs. */
export function writeOrCheck(path: string, text: string): void {
  const now = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (now === text) return;
  if (process.argv.includes('--check')) {
    process.stderr.write(
      `${path} is stale: run npx tsx ${process.argv[1]?.replace(/.*\/scripts/, 'scripts')}\n`,
    );
    process.exitCode = 1;
    return;
  }
  writeFileSync(path, text);
  process.stdout.write(`wrote ${path}\n`);
}
