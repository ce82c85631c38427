import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where `.ci/run` puts clients that are not Node's. */
export const clientsHome = (): string =>
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'millrace');
