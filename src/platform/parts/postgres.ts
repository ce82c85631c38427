import { openPostgres } from '../postgres/mod.ts';
import type { Services } from '../services.ts';

/** Opens PostgreSQL; the launcher itself watches over the embedded one. */
export async function startPostgres(services: Services): Promise<void> {
  const { config, dataDir, clock, parts, say, stack } = services;
  const { 'postgres.url': url, 'postgres.port': port } = config.settings;
  const postgres = await openPostgres({
    directory: dataDir.postgres,
    clock,
    logger: { info: say, warn: say },
    ...(url !== '' && { url }),
    ...(port !== 0 && { port }),
  });
  services.postgres = postgres;
  stack.push('PostgreSQL', () => postgres.stop());
  parts.add({
    name: 'postgres',
    status: () => {
      const failure = postgres.failure();
      const place = postgres.owned ? `embedded, process ${postgres.pid() ?? '-'}` : 'a server of your own';
      return {
        part: 'postgres',
        state: failure === null ? 'ok' : 'failed',
        detail: failure ?? place,
        ...{ ratePerS: null, lag: null },
      };
    },
  });
}
