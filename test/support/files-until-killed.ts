import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { nodeCheckpointStorage, startJob } from '../../src/engine/mod.ts';
import { nodeStorage, openEmbeddedLog } from '../../src/log/mod.ts';
import { Catalog, planScript } from '../../src/plan/mod.ts';
import { armKillFromEnvironment } from '../../src/platform/failpoint-kill.ts';
import { systemClock as clock } from '../../src/platform/system-clock.ts';
import { tableFactories } from '../../src/platform/tables.ts';

/*
 * Run as a program: a job from numbered rows to files in the folder named by the argument, until a failpoint
 * kills it or the input ends, which it says by `finished`.
 */
const directory = process.argv[2] as string;
const { plan } = planScript(
  `SET 'execution.checkpointing.interval' = '20 ms';
   CREATE TABLE numbers (n INT) WITH ('connector' = 'datagen', 'rows-per-second' = '20000',
     'fields.n.kind' = 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '${process.argv[3]}');
   CREATE TABLE files (n INT, p INT) PARTITIONED BY (p) WITH ('connector' = 'filesystem', 'format' = 'json',
     'path' = '${join(directory, 'out')}', 'sink.rolling-policy.file-size' = '4kb');
   INSERT INTO files SELECT n, n % 3 FROM numbers`,
  new Catalog(),
);
const log = await openEmbeddedLog({ storage: nodeStorage(), clock, directory: join(directory, 'log') });
armKillFromEnvironment(process.env);
const job = startJob({
  name: 'test/files',
  plan: { ...plan, options: { ...plan.options, 'execution.checkpointing.interval': '20' } },
  tables: tableFactories({ log, postgresUrl: () => '', print: () => undefined }),
  checkpoints: nodeCheckpointStorage(join(directory, 'checkpoints')),
  clock,
  newIncarnation: () => randomUUID(),
  logger: { info: () => undefined, warn: message => process.stderr.write(`${message}\n`) },
});
process.stdout.write(`${await job.whenEnded}\n`);
await log.close();
