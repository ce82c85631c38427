import { type Clock, MillraceError } from '../../core/mod.ts';
import { type LogBroker, nodeStorage, openEmbeddedLog } from '../../log/mod.ts';
import { createRate } from '../rate.ts';
import type { Services } from '../services.ts';
import { startKafka } from './kafka.ts';

const LOCK_WAIT_MS_MAX = 5000;
const RETRY_MS = 50;

/** Opens the log: the cluster of `log.bootstrap`, else the embedded one, which serves Kafka's clients too. */
export async function startLog(services: Services): Promise<void> {
  if (services.config.settings['log.bootstrap'].length > 0) {
    const { startClusterLog } = await import('./cluster-log.ts');
    return startClusterLog(services);
  }
  await startKafka(services, await startEmbeddedLog(services));
}

/** Opens the embedded log in the data directory, recovering what a crash left. */
async function startEmbeddedLog(services: Services): Promise<LogBroker> {
  const { config, dataDir, clock, parts, stack } = services;
  const log = await openWhenFree(clock, {
    storage: nodeStorage(),
    clock,
    directory: dataDir.log,
    flush: config.settings['log.flush'] as 'ack' | 'interval',
    flushIntervalMs: config.settings['log.flush-interval-ms'],
    retentionCheckIntervalMs: config.settings['log.retention-check-interval-ms'],
    groups: groupSettings(config),
    transactions: transactionSettings(config),
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
  return log;
}

function groupSettings({ settings }: Services['config']) {
  return {
    initialRebalanceDelayMs: settings['kafka.group-initial-rebalance-delay-ms'],
    sessionTimeoutMsMin: settings['kafka.group-min-session-timeout-ms'],
    sessionTimeoutMsMax: settings['kafka.group-max-session-timeout-ms'],
    membersMax: settings['kafka.group-max-size'],
    offsetMetadataBytesMax: settings['kafka.offset-metadata-max-bytes'],
    offsetRetentionMs: settings['kafka.offsets-retention-minutes'] * 60_000,
  };
}

function transactionSettings({ settings }: Services['config']) {
  return {
    maxTimeoutMs: settings['kafka.transaction-max-timeout-ms'],
    idExpirationMs: settings['kafka.transactional-id-expiration-ms'],
  };
}

/**
 * The data directory is ours: a lock inside can only be that of a process which was killed and is not gone
 * yet.
 */
async function openWhenFree(
  clock: Clock,
  options: Parameters<typeof openEmbeddedLog>[0],
): Promise<LogBroker> {
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
