import { existsSync, lstatSync, realpathSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MillraceError } from '../../../core/mod.ts';
import { readControl } from '../../data-dir.ts';
import type { Command } from '../command.ts';

/** `millrace wipe` */
export const wipeCommand: Command = {
  name: 'wipe',
  summary: 'remove the data directory: log, database, checkpoints',
  description:
    'Everything is gone afterwards; the next start begins anew. Refused while Millrace runs on it.',
  positionals: [],
  flags: [],
  examples: ['millrace wipe', 'millrace wipe --data /srv/millrace'],
  run: async ({ config, out }) => {
    const path = resolve(config.settings.data);
    if (!existsSync(path)) {
      out(`${path} does not exist\n`);
      return 0;
    }
    const control = readControl(path);
    if (control) {
      throw new MillraceError(
        'DATA_DIR_LOCKED',
        `${path} is in use by process ${control.pid}; run \`millrace stop\` first.`,
      );
    }
    if (!existsSync(join(path, 'version'))) {
      throw new MillraceError(
        'CONFIG_INVALID',
        `${path} is no data directory of Millrace; nothing was removed.`,
      );
    }
    removeDatabase(join(path, 'postgres'));
    rmSync(path, { recursive: true, force: true });
    out(`removed ${path}\n`);
    return 0;
  },
};

/** The database lies elsewhere, behind a link, where the server's user can't read the data directory. */
function removeDatabase(link: string): void {
  const isLink = lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  if (isLink) rmSync(realpathSync(link), { recursive: true, force: true });
}
