import { useQuery } from '@tanstack/react-query';
import { formatCount, formatRate } from '../format.ts';
import { useView } from '../live/live-context.tsx';
import { Empty, Panel } from '../parts/panel.tsx';
import { SignalIcon } from '../parts/signal.tsx';
import { duration } from '../shaping/freshness.ts';
import { partSignal, STATE_WORD, shapeParts } from '../shaping/health.ts';
import { type Job, readJobs } from '../shaping/jobs.ts';
import table from './overview/overview.module.css';
import page from './page.module.css';
import css from './system.module.css';

/** What runs: each part with its health, rate, lag and one sentence; each job with its state. */
export function System() {
  const view = useView('platform.status');
  const parts = shapeParts(view.rows);
  return (
    <div className={page['stack']}>
      <Panel
        title="Parts"
        viewName="platform.status"
        view={view}
        shownRows={parts.length}
        badge={String(parts.length)}
        empty={
          <Empty command="npx millrace status">Each part of the platform would tell its health here.</Empty>
        }
      >
        <div className={css['wide']}>
          <table className={table['table']}>
            <thead>
              <tr>
                <th scope="col">Part</th>
                <th scope="col">State</th>
                <th scope="col" className={css['right']}>
                  Rate
                </th>
                <th scope="col" className={css['right']}>
                  Lag
                </th>
                <th scope="col">Detail</th>
              </tr>
            </thead>
            <tbody>
              {parts.map(part => (
                <tr key={part.part}>
                  <td className={css['name']}>{part.part}</td>
                  <td>
                    <span className={css['state']}>
                      <SignalIcon signal={partSignal(part.state)} size={14} /> {STATE_WORD[part.state]}
                    </span>
                  </td>
                  <td className={`${css['right']} num`}>
                    {part.ratePerS === null ? '' : formatRate(part.ratePerS)}
                  </td>
                  <td className={`${css['right']} num`}>{part.lag === null ? '' : formatCount(part.lag)}</td>
                  <td className={css['detail']}>{part.detail}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Panel>
      <Jobs />
    </div>
  );
}

interface JobFigure {
  readonly name: string;
  readonly of: (job: Job) => number | null;
  readonly format: (value: number) => string;
}

const JOB_FIGURES: readonly JobFigure[] = [
  { name: 'Rate', of: job => job.ratePerS, format: formatRate },
  { name: 'Lag', of: job => job.lag, format: formatCount },
  { name: 'Late rows', of: job => job.lateRows, format: formatCount },
  { name: 'Dead letters', of: job => job.deadLettered, format: formatCount },
  { name: 'Restarts', of: job => job.restarts, format: formatCount },
  { name: 'Checkpoint', of: job => job.checkpointAgeMs, format: ageMs => `${duration(ageMs)} ago` },
];

const figure = (value: number | null, format: JobFigure['format']): string =>
  value === null ? '' : format(value);

function Jobs() {
  const jobs = useQuery({
    queryKey: ['jobs'],
    refetchInterval: 5000,
    queryFn: async ({ signal }) => {
      const response = await fetch('/api/jobs', { signal });
      if (!response.ok) throw new Error(`GET /api/jobs answered ${response.status}`);
      return readJobs(await response.json());
    },
  });
  const rows = jobs.data ?? [];
  const view = {
    rows: [],
    loaded: jobs.data !== undefined,
    asOfMs: jobs.dataUpdatedAt > 0 ? jobs.dataUpdatedAt : null,
    evicted: 0,
    changedAtMs: () => null,
    error: jobs.error === null ? null : { message: jobs.error.message, sinceMs: jobs.errorUpdatedAt },
  };
  return (
    <Panel
      title="Jobs"
      viewName="jobs"
      onRetry={() => void jobs.refetch()}
      view={view}
      shownRows={rows.length}
      badge={String(rows.length)}
      empty={<Empty command="npx millrace status">No job has been started.</Empty>}
    >
      <div className={css['wide']}>
        <table className={table['table']}>
          <thead>
            <tr>
              <th scope="col">Job</th>
              <th scope="col">State</th>
              {JOB_FIGURES.map(({ name }) => (
                <th key={name} scope="col" className={css['right']}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(job => (
              <tr key={job.name}>
                <td className={css['name']}>{job.name}</td>
                <td>
                  <span className={css['state']}>
                    <SignalIcon signal={job.signal} size={14} /> {job.state}
                  </span>
                  {job.failure !== null && <span className={css['detail']}> {job.failure}</span>}
                </td>
                {JOB_FIGURES.map(({ name, of, format }) => (
                  <td key={name} className={`${css['right']} num`}>
                    {figure(of(job), format)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
