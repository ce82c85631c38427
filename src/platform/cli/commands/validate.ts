import colors from 'picocolors';
import type { ValidationReport } from '../../validate/report.ts';
import { connect } from '../client.ts';
import type { Command } from '../command.ts';

/** `millrace validate` */
export const validateCommand: Command = {
  name: 'validate',
  summary: 'compare every result with a recomputation from the source',
  description:
    'Holds capture at a position, waits until every job has passed it, and compares each sink with what validate.sql of\n' +
    'the application computes from the source at that position: rows, keys, all columns. Traffic goes on meanwhile.',
  positionals: [{ name: 'app', required: false, help: 'the application that runs' }],
  flags: [],
  examples: ['millrace validate flavor-trend'],
  run: async context => {
    const [app] = context.positionals;
    const report = await connect(context).json<ValidationReport>('POST', '/api/validate', app ? { app } : {});
    for (const sink of report.sinks) {
      const mark = sink.differences.length === 0 ? colors.green('equal    ') : colors.red('different');
      context.out(
        `${mark}  ${sink.sink}  ${sink.found.rows} rows, ${sink.expected.rows} expected, hash ${sink.found.hash}\n`,
      );
      for (const { key, expected, found } of sink.differences) {
        context.out(
          `           key ${key}\n             expected ${expected ?? 'no row'}\n             found    ${found ?? 'no row'}\n`,
        );
      }
      if (sink.moreDifferences > 0) context.out(`           and ${sink.moreDifferences} more\n`);
    }
    const late = report.jobs.map(job => `${job.name} ${job.late} late`).join(', ');
    context.out(`at ${report.lsn}, in ${(report.tookMs / 1000).toFixed(1)} s; ${late || 'no jobs'}\n`);
    return report.equal ? 0 : 1;
  },
};
