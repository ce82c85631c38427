/**
 * A process that captures until it is killed: `capture-child.ts LOG_DIRECTORY CONFIG_JSON`. Prints one JSON
 * line per
 * 20 ms. MILLRACE_FAILPOINT makes it kill itself at a named step.
 */
import { startCapture } from '../../src/connectors/postgres-cdc/mod.ts';
import { nodeStorage, openEmbeddedLog } from '../../src/log/mod.ts';
import { armKillFromEnvironment } from '../../src/platform/failpoint-kill.ts';
import { systemClock } from '../../src/platform/system-clock.ts';

const [directory, config] = process.argv.slice(2) as [string, string];
armKillFromEnvironment(process.env);
const log = await openEmbeddedLog({ storage: nodeStorage(), clock: systemClock, directory });
const capture = startCapture({ name: 'kill', config: JSON.parse(config), log, clock: systemClock });
for (;;) {
  const { phase, records, rowsRead, lsnDurable, lastError } = capture.status();
  process.stdout.write(
    `${JSON.stringify({ phase, records, rowsRead, lsnDurable: Number(lsnDurable), lastError })}\n`,
  );
  if (phase === 'failed') process.exit(1);
  await systemClock.sleep(20);
}
