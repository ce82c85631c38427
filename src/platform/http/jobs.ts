import { z } from 'zod';
import type { JobStatus } from '../jobs/job-status.ts';
import type { ValidationReport } from '../validate/report.ts';
import type { Http } from './server.ts';

/** What the endpoints of this file act on. */
export interface JobServices {
  list(): readonly JobStatus[];
  /** Checks, stores and starts a job of the user's. */
  create(name: string, sql: string): Promise<JobStatus>;
  remove(name: string): Promise<void>;
  /** Keeps the state of a job; answers the file. */
  savepoint(name: string, stop: boolean): Promise<string>;
  /** Runs a script: SELECTs over what the topics hold now, SHOW, DESCRIBE, EXPLAIN. */
  query(sql: string, signal: AbortSignal): Promise<ScriptAnswer>;
  validate(app: string | undefined, signal: AbortSignal): Promise<ValidationReport>;
}

export interface QueryAnswer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/** What a script answers: the last of its results, and all of them. */
export interface ScriptAnswer extends QueryAnswer {
  readonly results: readonly QueryAnswer[];
}

const tags = ['jobs'];

/** Jobs, questions and validation. */
export function registerJobs(http: Http, services: JobServices): void {
  http.get('/api/jobs', { schema: { summary: 'All jobs', tags } }, () => services.list());
  const create = {
    summary: 'Start a job',
    description:
      'A script of CREATE TABLE, CREATE VIEW, SET and INSERT INTO statements. It is kept over restarts.',
    tags,
    body: z.strictObject({
      name: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,99}$/i, 'letters, digits, - and _, at most 100'),
      sql: z.string().min(1).max(1_000_000),
    }),
  };
  http.post('/api/jobs', { schema: create }, async ({ body }, reply) =>
    reply.code(201).send(await services.create(body.name, body.sql)),
  );
  const remove = {
    summary: "Stop and forget a job of the user's",
    tags,
    params: z.object({ name: z.string() }),
  };
  http.delete('/api/jobs/:name', { schema: remove }, async ({ params }, reply) => {
    await services.remove(params.name);
    return reply.code(204).send();
  });
  const savepoint = {
    summary: 'Keep the state of a job as a savepoint',
    description:
      'With `stop` the job ends behind it, and is removed unless an application has it. The answer is the path ' +
      'of the file.',
    tags,
    params: z.object({ name: z.string() }),
    body: z.strictObject({ stop: z.boolean().default(false) }),
  };
  http.post('/api/jobs/:name/savepoint', { schema: savepoint }, async ({ params, body }) => ({
    path: await services.savepoint(params.name, body.stop),
  }));
  const sql = {
    summary: 'Ask a question of the topics',
    description:
      'A script: SELECTs over what the topics hold now, SHOW, DESCRIBE, EXPLAIN, and declarations for these. The ' +
      'answer is the last result; `results` has all.',
    tags: ['sql'],
    body: z.strictObject({ sql: z.string().min(1).max(1_000_000) }),
  };
  http.post('/api/sql', { schema: sql }, ({ body, raw }) => services.query(body.sql, goneSignal(raw)));
  const validate = {
    summary: 'Compare every result with a recomputation from the source',
    tags: ['platform'],
    body: z.strictObject({ app: z.string().optional() }),
  };
  http.post('/api/validate', { schema: validate }, ({ body, raw }) =>
    services.validate(body.app, goneSignal(raw)),
  );
}

/** Aborts when the caller has gone before its answer. */
function goneSignal(raw: { socket: NodeJS.EventEmitter }): AbortSignal {
  const gone = new AbortController();
  raw.socket.once('close', () => gone.abort());
  return gone.signal;
}
