import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClusterLogOptions, openClusterLog, openKafkaServer } from '../../../src/kafka/mod.ts';
import { nodeStorage, openEmbeddedLog } from '../../../src/log/mod.ts';
import { systemClock } from '../../../src/platform/system-clock.ts';
import { type LogUnderTest, logConformance } from '../../support/log-conformance.ts';
import { fromAnotherThread } from '../../support/remote-log.ts';

/** An embedded log behind our own broker's front, and a client of that. */
async function openThroughServer(options: Partial<ClusterLogOptions> = {}): Promise<LogUnderTest> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-served-log-'));
  const broker = await openEmbeddedLog({
    ...{ storage: nodeStorage(), clock: systemClock, directory },
    flush: 'interval',
  });
  const server = await openKafkaServer({
    ...{ broker, clock: systemClock, say: () => undefined },
    listeners: [
      {
        ...{ name: 'PLAINTEXT', host: '127.0.0.1', port: 0, portsMax: 0 },
        ...{ advertised: null, security: 'PLAINTEXT' },
      },
    ],
  });
  const bootstrap = [`127.0.0.1:${server.listeners[0]!.port}`];
  const open = () => openClusterLog({ bootstrap, clock: systemClock, ...options });
  let log = open();
  return {
    log,
    reopen: async () => {
      await log.close();
      log = open();
      return log;
    },
    dispose: async () => {
      await log.close();
      await server.close();
      await broker.close();
      await rm(directory, { recursive: true });
    },
  };
}

logConformance('a cluster', () => openThroughServer());
logConformance('a cluster that is written with lz4, as another thread has it', async () =>
  fromAnotherThread(await openThroughServer({ compression: 'lz4' })),
);
