import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { MillraceError, messageOf } from '../core/mod.ts';

/** The door of `millrace/app`, beside this file, compiled or not. */
const DOOR = new URL(import.meta.url.endsWith('.ts') ? './api.ts' : './api.js', import.meta.url);

/**
 * Loads a TypeScript module of an application, wherever its folder lies: its own files are bundled,
 * `millrace/app` is
 * our own module (so that both sides mean the same types). The bundle is kept in `cacheFolder`, named by
 * its content.
 */
export async function importModule(file: string, cacheFolder: string): Promise<Record<string, unknown>> {
  const code = await bundle(file);
  mkdirSync(cacheFolder, { recursive: true });
  const path = join(cacheFolder, `${createHash('sha256').update(code).digest('hex').slice(0, 32)}.mjs`);
  writeFileSync(path, code);
  try {
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (error) {
    throw new MillraceError('APP_INVALID', `${file}: ${messageOf(error)}`, { cause: error });
  }
}

async function bundle(file: string): Promise<string> {
  try {
    const built = await build({
      entryPoints: [file],
      ...{ bundle: true, write: false, format: 'esm', platform: 'node', target: 'node20' },
      ...{ sourcemap: 'inline', logLevel: 'silent' },
      plugins: [
        {
          name: 'millrace-app',
          setup: ({ onResolve }) => {
            onResolve({ filter: /^millrace\/app$/ }, () => ({ path: DOOR.href, external: true }));
            onResolve({ filter: /^[^./]/ }, ({ path, kind, importer }) =>
              kind === 'entry-point' || path.startsWith('node:') || /^[A-Za-z]:[\\/]/.test(path)
                ? null
                : {
                    errors: [
                      {
                        text: `imports ${path}, but an application imports only millrace/app`,
                        detail: importer,
                      },
                    ],
                  },
            );
          },
        },
      ],
    });
    return built.outputFiles[0]!.text;
  } catch (error) {
    throw new MillraceError('APP_INVALID', `${file}: ${messageOf(error)}`, { cause: error });
  }
}
