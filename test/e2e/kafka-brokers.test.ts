import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClusterLog, openClusterLog } from '../../src/kafka/mod.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { readAll, record, values } from '../support/log-conformance.ts';
import { RealKafka, whyNoKafka } from '../support/real-kafka.ts';

const PORT = 21592;
const PARTITIONS = 6;
const ROUNDS = 60;
const missing = whyNoKafka();
if (missing !== null) console.log(`kafka-brokers: skipped, ${missing}`);

describe.skipIf(missing !== null)('a real Kafka of three brokers', () => {
  let kafka: RealKafka;
  let log: ClusterLog;
  beforeAll(async () => {
    kafka = await RealKafka.start(PORT, 'min.insync.replicas=2\nbroker.session.timeout.ms=3000', 3);
    log = openClusterLog({ bootstrap: [kafka.bootstrap], clock: systemClock });
  });
  afterAll(async () => {
    await log?.close();
    await kafka?.dispose();
  });

  test('kill -9 of one under load: all is stored once and in order, waits and transactions go on', async () => {
    await log.createTopic('t', PARTITIONS);
    expect(log.place.brokers).toBe(3);
    const all = Array.from({ length: PARTITIONS }, (_, partition) => ({ topic: 't', partition }));
    const writer = await log.openWriter('w');
    const expected = all.map((): string[] => []);
    const waited = log.waitFor(all[0]!, 0, 'read_committed', 600_000);
    for (let round = 0; round < ROUNDS; round++) {
      if (round === ROUNDS / 3) await kafka.kill(2);
      const appends = all.map(at => log.append(at, [record(`a${round}`)]));
      const parts = all.map(at => ({ ...at, records: [record(`t${round}`)] }));
      const commit = writer.commit({ sequence: round, position: round, parts });
      await Promise.all([...appends, commit]);
      for (const list of expected) list.push(`a${round}`, `t${round}`);
    }
    await waited;
    const rounds = (found: readonly string[], kind: string): string[] =>
      found.filter(v => v.startsWith(kind));
    for (const { partition } of all) {
      const found = values(await readAll(log, 't', 'read_committed', partition));
      expect(found).toHaveLength(2 * ROUNDS);
      expect(rounds(found, 'a')).toEqual(rounds(expected[partition]!, 'a'));
      expect(rounds(found, 't')).toEqual(rounds(expected[partition]!, 't'));
    }
    expect((await log.openWriter('w')).state).toEqual({ sequence: ROUNDS - 1, position: ROUNDS - 1 });
  });
});
