import { nodeStorage, openEmbeddedLog } from '../../log/mod.ts';
import { createRate } from '../rate.ts';
import type { Services } from '../services.ts';

/** Opens the embedded log in the data directory, recovering what a crash left. */
export async function startLog(services: Services): Promise<void> {
  const { config, dataDir, clock, parts, stack } = services;
  const log = await openEmbeddedLog({
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
