import { connect } from '../client.ts';
import { type Command, flagOf } from '../command.ts';

/** `millrace savepoint` */
export const savepointCommand: Command = {
  name: 'savepoint',
  summary: 'keep the state of a job, to begin another from it',
  positionals: [{ name: 'job', required: true, help: 'the name of the job, as `millrace status` shows it' }],
  flags: [{ name: 'stop', help: 'read no row behind the savepoint, and end the job' }],
  examples: ['millrace savepoint city_kpi', 'millrace savepoint totals --stop'],
  run: async context => {
    const [name] = context.positionals;
    const stop = flagOf(context, 'stop') === 'true';
    const path = `/api/jobs/${encodeURIComponent(name!)}/savepoint`;
    const kept = await connect(context).json<{ path: string }>('POST', path, { stop });
    context.out(`${kept.path}\n`);
    return 0;
  },
};
