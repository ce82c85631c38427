import { type Clock, MillraceError } from '../../core/mod.ts';
import { type Log, nodeStorage, openEmbeddedLog } from '../../log/mod.ts';
import { createRate } from '../rate.ts';
import type { Services } from '../services.ts';
import { startClusterLog } from './cluster-log.ts';

const LOCK_WAIT_MS_MAX = 5000;
const RETRY_MS = 50;

/** Opens the log: the cluster of `log.bootstrap`, else the embedded one. */
export function startLog(services: Services): Promise<void> {
  const isElsewhere = services.config.settings['log.bootstrap'].length > 0;
  return isElsewhere ? startClusterLog(services) : startEmbeddedLog(services);
}

/** Opens the embedded log in the data directory, recovering what a crash left. */
async function startEmbeddedLog(services: Services): Promise<void> {
  const { config, dataDir, clock, parts, stack } = services;
  const log = await openWhenFree(clock, {
    storage: nodeStorage(),
    clock,
    directory: dataDir.log,
    flush: config.settings['log.flush'] as 'ack' | 'interval',
    flushIntervalMs: config.settings['log.flush-interval-ms'],
  });
  services.log = log;
  stack.push('log', () => log.close());
  const rate = createRate(clock);
  parts.add({
    name: 'log',
    status: () => {
      const { failure, recordsAppended, bytesOnDisk } = log.stats();
      return {
        part: 'log',
        state: failure === null ? 'ok' : 'failed',
        detail: failure ?? `${(bytesOnDisk / (1 << 20)).toFixed(1)} MB on disk`,
        ratePerS: rate.update(recordsAppended),
        lag: null,
      };
    },
  });
}

/**
 * The data directory is ours: a lock inside can only be that of a process which was killed and is not gone
 * yet.
 */
async function openWhenFree(clock: Clock, options: Parameters<typeof openEmbeddedLog>[0]): Promise<Log> {
  const deadlineMs = clock.monotonicMs() + LOCK_WAIT_MS_MAX;
  for (;;) {
    try {
      return await openEmbeddedLog(options);
    } catch (error) {
      const isLocked = error instanceof MillraceError && error.code === 'DATA_DIR_LOCKED';
      if (!isLocked || clock.monotonicMs() > deadlineMs) throw error;
      await clock.sleep(RETRY_MS);
    }
  }
}
