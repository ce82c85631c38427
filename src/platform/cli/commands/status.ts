import colors from 'picocolors';
import type { Status } from '../../status.ts';
import { connect } from '../client.ts';
import { type Command, flagOf } from '../command.ts';

/** `millrace status` */
export const statusCommand: Command = {
  name: 'status',
  summary: 'processes, memory, rates, lag and checkpoint age of what runs',
  positionals: [],
  flags: [{ name: 'json', help: 'one JSON object; with the database address and its password' }],
  examples: ['millrace status', 'millrace status --json'],
  run: async context => {
    const client = connect(context);
    const status = await client.json<Status>('GET', '/api/status');
    const { databaseUrl } = client.control;
    if (flagOf(context, 'json') === 'true')
      context.out(`${JSON.stringify({ ...status, databaseUrl }, null, 2)}\n`);
    else context.out(printStatus(status, client.control.url, databaseUrl));
    return status.ready ? 0 : 1;
  },
};

const MARK = {
  ok: colors.green('ok'),
  degraded: colors.yellow('degraded'),
  failed: colors.red('failed'),
  starting: colors.cyan('starting'),
  stopped: colors.dim('stopped'),
} as const;

/** A terminal's scrollback is no place for a password. */
function withoutPassword(url: string): string {
  const address = new URL(url);
  address.password = '';
  return address.href;
}

function printStatus(status: Status, url: string, databaseUrl: string | null): string {
  const lines = [
    `${colors.bold(status.app ?? 'log only')}  ${url}  up ${duration(status.uptimeS)}  Millrace ${status.version}`,
    ...(databaseUrl === null
      ? []
      : [`database  ${withoutPassword(databaseUrl)}  (with its password: --json)`]),
    '',
    colors.bold('process             pid      memory'),
    ...status.processes.map(
      ({ name, pid, rssBytes }) => `${name.padEnd(18)}  ${String(pid).padEnd(7)}  ${bytes(rssBytes)}`,
    ),
    '',
    colors.bold('part                          state      rate/s       lag  detail'),
    ...status.parts.map(
      ({ part, state, ratePerS, lag, detail }) =>
        `${part.padEnd(28)}  ${MARK[state]}${' '.repeat(Math.max(0, 9 - state.length))}` +
        `${number(ratePerS).padStart(8)}  ${number(lag).padStart(8)}  ${detail}`,
    ),
    '',
    colors.bold('job                           state        late  dead  checkpoint'),
    ...status.jobs.map(
      ({ name, state, lateRows, deadLettered, checkpointAgeMs }) =>
        `${name.padEnd(28)}  ${state.padEnd(10)}  ${String(lateRows).padStart(5)}  ${String(deadLettered).padStart(4)}  ` +
        (checkpointAgeMs === null ? 'none yet' : `${(checkpointAgeMs / 1000).toFixed(1)} s ago`),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function number(value: number | null): string {
  if (value === null) return '-';
  return value >= 100 ? Math.round(value).toLocaleString('en') : String(Math.round(value * 10) / 10);
}

function bytes(value: number | null): string {
  return value === null ? '-' : `${(value / (1 << 20)).toFixed(0)} MB`;
}

function duration(seconds: number): string {
  const s = Math.floor(seconds);
  return s < 60 ? `${s} s` : s < 3600 ? `${Math.floor(s / 60)} min` : `${(s / 3600).toFixed(1)} h`;
}
