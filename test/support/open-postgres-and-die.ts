import { openPostgres } from '../../src/platform/postgres/mod.ts';
import { systemClock } from '../../src/platform/system-clock.ts';

/** Opens the embedded server in the folder given, prints its pid and dies by kill -9. */
const logger = { info: () => undefined, warn: () => undefined };
const handle = await openPostgres({ directory: process.argv[2] as string, clock: systemClock, logger });
process.stdout.write(String(handle.pid()), () => process.kill(process.pid, 'SIGKILL'));
