import { afterAll, beforeAll, describe } from 'vitest';
import { openClusterLog } from '../../src/kafka/client/mod.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { type LogUnderTest, logConformance } from '../support/log-conformance.ts';
import { RealKafka, whyNoKafka } from '../support/real-kafka.ts';
import { fromAnotherThread } from '../support/remote-log.ts';

const PORT = 21092;
const missing = whyNoKafka();
if (missing !== null) console.log(`kafka-conformance: skipped, ${missing}`);

describe.skipIf(missing !== null)('the Log contract on a real Kafka', () => {
  let kafka: RealKafka;
  beforeAll(async () => {
    kafka = await RealKafka.start(PORT);
  });
  afterAll(() => kafka.dispose());

  async function openOnKafka(options: { compression?: 'lz4' } = {}): Promise<LogUnderTest> {
    const open = () => openClusterLog({ bootstrap: [kafka.bootstrap], clock: systemClock, ...options });
    let log = open();
    return {
      log,
      reopen: async () => {
        await log.close();
        log = open();
        return log;
      },
      dispose: async () => {
        for (const { name } of await log.topics()) await log.deleteTopic(name);
        const states = '_millrace_state';
        if ((await log.describeTopic(states)) !== undefined) await log.deleteTopic(states);
        await log.close();
      },
    };
  }

  logConformance('a real cluster', () => openOnKafka());
  logConformance('a real cluster as another thread has it', async () =>
    fromAnotherThread(await openOnKafka()),
  );
});
