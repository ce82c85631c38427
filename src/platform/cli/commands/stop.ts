import { MillraceError } from '../../../core/mod.ts';
import { isAlive, readControl } from '../../data-dir.ts';
import { systemClock } from '../../system-clock.ts';
import type { Command } from '../command.ts';

const STOP_TIMEOUT_MS = 30_000;
const POLL_MS = 50;

/** `millrace stop` */
export const stopCommand: Command = {
  name: 'stop',
  summary: 'stop what runs on the data directory',
  positionals: [],
  flags: [],
  examples: ['millrace stop', 'millrace stop --data /srv/millrace'],
  run: async ({ config, out, signal }) => {
    const control = readControl(config.settings.data);
    if (!control) {
      out(`nothing runs on ${config.settings.data}\n`);
      return 0;
    }
    process.kill(control.pid, 'SIGTERM');
    const deadline = systemClock.monotonicMs() + STOP_TIMEOUT_MS;
    while (isAlive(control.pid)) {
      if (systemClock.monotonicMs() > deadline) {
        throw new MillraceError(
          'TIMEOUT',
          `process ${control.pid} still runs after ${STOP_TIMEOUT_MS / 1000} s.`,
        );
      }
      await systemClock.sleep(POLL_MS, signal);
    }
    out(`stopped ${control.app || 'the log'} (process ${control.pid})\n`);
    return 0;
  },
};
