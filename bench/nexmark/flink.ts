import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const REST = 'http://127.0.0.1:8081';
const GATEWAY = 'http://127.0.0.1:8084/v1';
const POLL_MS = 50;
/** As config.yaml lines: what the comparison asks for. */
const CLUSTER = 'pipeline.object-reuse: true';

export interface FlinkOptions {
  /** The folder of the script `flink` that starts a cluster. */
  readonly engines: string;
  /** The core of the TaskManager; all when left out. */
  readonly core?: string;
}

/** When a job ran, and what the TaskManager's process took meanwhile. */
export interface FlinkMeasure {
  readonly seconds: number;
  readonly processorSeconds: number;
}

interface JobDetails {
  readonly state: string;
  readonly timestamps: Readonly<Record<string, number>>;
}

/** A real Flink on this machine: session cluster and SQL gateway. */
export class FlinkCluster {
  readonly #options: FlinkOptions;

  private constructor(options: FlinkOptions) {
    this.#options = options;
  }

  static async start(options: FlinkOptions): Promise<FlinkCluster> {
    const cluster = new FlinkCluster(options);
    await cluster.#run('up');
    await cluster.#run('gateway-up');
    return cluster;
  }

  async stop(): Promise<void> {
    await this.#run('gateway-down');
    await this.#run('down');
  }

  #run(command: string): Promise<void> {
    const { engines, core } = this.#options;
    const env = {
      ...process.env,
      FLINK_HEAP: '6g',
      FLINK_CONNECTORS: '',
      FLINK_CONF: CLUSTER,
      ...(core === undefined ? {} : { FLINK_CPU: core }),
    };
    const child = spawn(join(engines, 'flink'), [command], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', code => (code === 0 ? resolve() : reject(new Error(`flink ${command} failed`))));
    });
  }

  /** Run a script with one INSERT to its end. */
  async runScript(script: string): Promise<FlinkMeasure> {
    const { sessionHandle } = (await post(`${GATEWAY}/sessions`, {})) as { sessionHandle: string };
    const session = `${GATEWAY}/sessions/${sessionHandle}`;
    const statements = script.split(/;\s*(?:\n|$)/).filter(statement => statement.trim() !== '');
    const before = processorSeconds();
    let job: string | undefined;
    for (const statement of statements) job = (await execute(session, statement)) ?? job;
    if (job === undefined) throw new Error('the script has no INSERT');
    const { timestamps } = await finished(job);
    const measure = {
      seconds: (timestamps['FINISHED']! - timestamps['RUNNING']!) / 1000,
      processorSeconds: processorSeconds() - before,
    };
    await fetch(session, { method: 'DELETE' });
    return measure;
  }
}

async function post(url: string, body: object): Promise<unknown> {
  return json(await fetch(url, { method: 'POST', body: JSON.stringify(body) }));
}

async function json(response: Response): Promise<unknown> {
  const text = await response.text();
  if (response.ok) return JSON.parse(text);
  const causes = text.split('Caused by: ');
  throw new Error(`Flink: ${causes.at(-1)?.slice(0, 500)}`);
}

/** Execute a statement; the id of the job where it starts one. */
async function execute(session: string, statement: string): Promise<string | undefined> {
  const { operationHandle } = (await post(`${session}/statements`, { statement })) as {
    operationHandle: string;
  };
  const result = `${session}/operations/${operationHandle}/result/0`;
  for (;;) {
    const page = (await json(await fetch(result))) as { resultType: string; jobID?: string };
    if (page.resultType !== 'NOT_READY') return page.jobID;
    await sleep(POLL_MS);
  }
}

async function finished(job: string): Promise<JobDetails> {
  for (;;) {
    const details = (await json(await fetch(`${REST}/jobs/${job}`))) as JobDetails;
    if (details.state === 'FINISHED') return details;
    if (['FAILED', 'CANCELED'].includes(details.state)) {
      throw new Error(`Flink's job is ${details.state}: ${await exceptionOf(job)}`);
    }
    await sleep(POLL_MS);
  }
}

async function exceptionOf(job: string): Promise<string> {
  const text = await (await fetch(`${REST}/jobs/${job}/exceptions`)).text();
  return text.slice(0, 2000);
}

const CLOCK_TICKS_PER_SECOND = 100;

/** What the TaskManager has used so far. */
function processorSeconds(): number {
  const home = process.env['ENGINES_HOME'] ?? join(homedir(), '.cache', 'engines');
  const pid = readFileSync(join(home, 'run', 'flink-taskmanager.pid'), 'utf8').trim();
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
}
