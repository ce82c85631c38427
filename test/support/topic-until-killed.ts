import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { nodeCheckpointStorage, startJob } from '../../src/engine/mod.ts';
import { nodeStorage, openEmbeddedLog } from '../../src/log/mod.ts';
import { Catalog, planScript } from '../../src/plan/mod.ts';
import { armKillFromEnvironment } from '../../src/platform/failpoint-kill.ts';
import { systemClock as clock } from '../../src/platform/system-clock.ts';
import { tableFactories } from '../../src/platform/tables.ts';

/*
 * Run as a program: a job from numbered rows, of 4 kB each, to the topic `out` of two partitions in the folder
 * named by the argument, until a failpoint kills it or the input ends, which it says by `finished`. An epoch,
 * of as many milliseconds as the last argument says, has more bytes than its sink holds in memory.
 */
const directory = process.argv[2] as string;
const { plan } = planScript(
  `CREATE TABLE numbers (n INT) WITH ('connector' = 'datagen', 'rows-per-second' = '20000',
     'fields.n.kind' = 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '${process.argv[3]}');
   CREATE TABLE topic (n INT, p STRING) WITH ('connector' = 'kafka', 'format' = 'json', 'topic' = 'out',
     'sink.partitioner' = 'round-robin');
   INSERT INTO topic SELECT n, REPEAT('0123456789abcdef', 256) FROM numbers`,
  new Catalog(),
);
const log = await openEmbeddedLog({ storage: nodeStorage(), clock, directory: join(directory, 'log') });
if ((await log.describeTopic('out')) === undefined) await log.createTopic('out', 2);
armKillFromEnvironment(process.env);
const job = startJob({
  name: 'test/topic',
  plan: {
    ...plan,
    options: { ...plan.options, 'execution.checkpointing.interval': process.argv[4] as string },
  },
  tables: tableFactories({ log, postgresUrl: () => '', print: () => undefined }),
  checkpoints: nodeCheckpointStorage(join(directory, 'checkpoints')),
  clock,
  newIncarnation: () => randomUUID(),
  logger: { info: () => undefined, warn: message => process.stderr.write(`${message}\n`) },
});
process.stdout.write(`${await job.whenEnded}\n`);
await log.close();
