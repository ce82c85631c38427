import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Path of a public data file, or null with the reason printed when it is not there. */
export function dataFile(name: string): string | null {
  const folder = process.env.MILLRACE_TEST_DATA;
  if (!folder) {
    console.log(`skipped: MILLRACE_TEST_DATA is not set (needs ${name})`);
    return null;
  }
  const path = join(folder, name);
  if (existsSync(path)) return path;
  console.log(`skipped: ${name} is not in MILLRACE_TEST_DATA`);
  return null;
}

const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Path of an installed browser, or null with the reason printed. */
export function browserPath(): string | null {
  const found = BROWSERS.find(path => existsSync(path)) ?? null;
  if (found === null) console.log('skipped: no Chromium is installed (Debian: apt-get install chromium)');
  return found;
}

/** Arguments that keep a headless Chromium quiet and self-contained, as root too. */
export const BROWSER_ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
