// Writes docs/reference/config.md from the table of settings; with --check, exits 1 when the page is stale.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { configReference } from '../src/platform/config/reference.ts';

const path = fileURLToPath(new URL('../docs/reference/config.md', import.meta.url));
const page = configReference();
if (process.argv.includes('--check')) {
  let stored = '';
  try {
    stored = readFileSync(path, 'utf8');
  } catch {
    // A missing page is a stale page.
  }
  if (stored !== page) {
    process.stderr.write(`${path} is stale: run npx tsx scripts/config-reference.ts\n`);
    process.exitCode = 1;
  }
} else {
  mkdirSync(fileURLToPath(new URL('../docs/reference', import.meta.url)), { recursive: true });
  writeFileSync(path, page);
}
