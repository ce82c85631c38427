import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The installation's folder: the parent of src/ or dist/. */
export const installation = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The version of this program. */
export const version = (
  JSON.parse(readFileSync(join(installation, 'package.json'), 'utf8')) as { version: string }
).version;
