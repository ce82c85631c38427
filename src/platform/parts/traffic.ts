import { join } from 'node:path';
import { type Generator, type GeneratorContext, importModule, resolveParameters } from '../../app/mod.ts';
import { MillraceError, messageOf } from '../../core/mod.ts';
import type { PartStatus } from '../../live/mod.ts';
import { openGeneratorDatabase } from '../generator-database.ts';
import { need, type Services } from '../services.ts';

/** The application's generator, loaded and connected. */
export interface Traffic {
  /**
   * Writes the past once, then live traffic until the platform stops. Resolves when the past is written:
   * what anybody
   * changes before would bring event time to now, and the rest of the past would come too late for its
   * windows.
   */
  start(): Promise<void>;
}

const RETRY_MS = 1000;

/** Loads the generator and, at the first start, the reference data. Null where the application has none. */
export async function openTraffic(services: Services): Promise<Traffic | null> {
  const { app, clock, config, dataDir, say, stack } = services;
  if (app!.generator === null) return null;
  const module = (await importModule(app!.generator, join(dataDir.path, 'cache'))) as { default?: Generator };
  const generator = module.default;
  if (!generator)
    throw new MillraceError('APP_INVALID', `${app!.generator}: needs a default export by defineGenerator.`);
  const rate = config.settings['generator.rate'];
  const given = new Map([...config.params, ...(rate > 0 ? [['rate', String(rate)] as const] : [])]);
  const stopping = new AbortController();
  const database = openGeneratorDatabase(need(services.database, 'the database').url());
  const context: GeneratorContext = {
    ...{ database, clock, signal: stopping.signal },
    parameters: resolveParameters(app!.manifest, given),
    timeZone: app!.manifest.time_zone,
    logger: { info: message => say(`generator: ${message}`), warn: message => say(`generator: ${message}`) },
  };
  await generator.load(context);
  stack.push('database of the generator', () => database.close());
  return {
    start: () =>
      new Promise(resolve => {
        const running = run(services, generator, context, resolve);
        stack.push('generator', async () => {
          stopping.abort();
          await running;
        });
      }),
  };
}

/** Goes on after a failure: PostgreSQL may just have been restarted. */
async function run(
  services: Services,
  generator: Generator,
  context: GeneratorContext,
  onPastWritten: () => void,
): Promise<void> {
  const status: { now: PartStatus } = { now: statusOf('starting', 'writes the past') };
  services.parts.add({ name: 'generator', status: () => status.now });
  const phase = async (detail: string, act: (context: GeneratorContext) => Promise<void>): Promise<void> => {
    while (!context.signal.aborted) {
      status.now = statusOf('ok', detail);
      try {
        return await act(context);
      } catch (error) {
        if (context.signal.aborted) return;
        status.now = statusOf('degraded', messageOf(error));
        await services.clock.sleep(RETRY_MS, context.signal).catch(() => undefined);
      }
    }
  };
  await phase('writes the past', () => generator.backfill(context));
  onPastWritten();
  await phase('live traffic', () => generator.run(context));
  status.now = statusOf('stopped', 'stopped');
}

function statusOf(state: PartStatus['state'], detail: string): PartStatus {
  return { part: 'generator', state, detail, ratePerS: null, lag: null };
}
