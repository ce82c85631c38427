import { MillraceError } from '../../../core/mod.ts';
import { armKillFromEnvironment } from '../../failpoint-kill.ts';
import { type Command, flagOf } from '../command.ts';

/** How long what is left may take to end by itself. */
const EXIT_WAIT_MS = 1000;

/** `millrace start` */
export const startCommand: Command = {
  name: 'start',
  summary: 'start an application and stay in the foreground',
  description:
    'Starts PostgreSQL, the log, change capture, the jobs, the live views and the console of an application. Ctrl-C stops\n' +
    'everything cleanly. The application is a name under apps/ or the path of a folder with an app.yaml.',
  positionals: [{ name: 'app', required: false, help: 'the application (flavor-trend)' }],
  flags: [
    { name: 'only', value: 'PART', help: '`log`: just the log and its HTTP interface' },
    { name: 'no-generator', help: 'no generated traffic: neither the past at first start nor live' },
    { name: 'dev', help: 'print every part that starts or changes state' },
  ],
  examples: ['millrace start', 'millrace start ./my-app --http.port 9000', 'millrace start --only log'],
  run: async context => {
    const only = flagOf(context, 'only');
    if (only !== undefined && only !== 'log') {
      throw new MillraceError('CONFIG_INVALID', `--only ${only}: the only part that runs alone is \`log\`.`);
    }
    armKillFromEnvironment(process.env);
    const { settings } = context.config;
    // Other commands do without it, and it is large.
    const { startPlatform } = await import('../../start.ts');
    const platform = await startPlatform({
      config: context.config,
      app: only === 'log' ? null : (context.positionals[0] ?? settings.app),
      generator: settings['generator.enabled'] && flagOf(context, 'no-generator') !== 'true',
      say: line => context.err(`millrace: ${line}\n`),
      signal: context.signal,
    });
    const why = await Promise.race([platform.failed, aborted(context.signal)]);
    context.err('millrace: stopping …\n');
    await platform.stop();
    context.err('millrace: stopped\n');
    // A part that was not done in its time must not keep the process: it is as safe to end as to kill.
    setTimeout(() => process.exit(), EXIT_WAIT_MS).unref();
    if (why instanceof Error) throw why;
    return 0;
  },
};

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise(resolve => {
    if (signal.aborted) resolve(null);
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}
