import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LogSettings, nodeStorage, openEmbeddedLog } from '../../../src/log/mod.ts';
import { type LogUnderTest, logConformance } from '../../support/log-conformance.ts';
import { fromAnotherThread } from '../../support/remote-log.ts';
import { TestClock } from '../../support/test-clock.ts';

async function openOnDisk(settings: Partial<LogSettings>): Promise<LogUnderTest> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-log-'));
  const storage = nodeStorage();
  const open = () => openEmbeddedLog({ storage, clock: new TestClock(), directory, ...settings });
  let log = await open();
  return {
    log,
    reopen: async () => {
      await log.close();
      log = await open();
      return log;
    },
    dispose: async () => {
      await log.close();
      await rm(directory, { recursive: true });
    },
  };
}

logConformance('the embedded log on disk, flushed before the acknowledgement', () =>
  openOnDisk({ flush: 'ack' }),
);
logConformance('the embedded log on disk, flushed by time', () => openOnDisk({ flush: 'interval' }));
logConformance('the embedded log on disk, in tiny segments', () => openOnDisk({ segmentBytes: 300 }));

logConformance('the log as another thread has it', async () =>
  fromAnotherThread(await openOnDisk({ flush: 'interval' })),
);
