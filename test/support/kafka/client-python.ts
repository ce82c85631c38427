import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clientsHome } from './clients-home.ts';
import type { AdminCall, Driver } from './driver.ts';
import { ProcessSession } from './process-session.ts';

/** Python of the environment that `.ci/run` makes, or of `MILLRACE_TEST_PYTHON`. */
export const python = process.env.MILLRACE_TEST_PYTHON ?? join(clientsHome(), 'python', 'bin', 'python');
const missing = existsSync(python)
  ? null
  : `no ${python}: make it with python3 -m venv and install test/support/kafka/python/requirements.txt`;

/** Calls that every client with a full admin interface has. */
export const ADMIN_CALLS: readonly AdminCall[] = [
  'createTopic',
  'deleteTopic',
  'topics',
  'partitions',
  'createPartitions',
  'config',
  'alterConfig',
  'deleteRecords',
  'offsetFor',
  'groups',
  'group',
  'committed',
  'resetOffset',
  'deleteGroup',
];

const script = (name: string): string => fileURLToPath(new URL(`./python/${name}.py`, import.meta.url));

function driver(name: string, file: string, cannot: Driver['cannot']): Driver {
  return {
    name,
    missing,
    cannot,
    open: async connection => {
      const session = new ProcessSession(python, [script(file), JSON.stringify(connection)], ADMIN_CALLS);
      try {
        await session.ready();
      } catch (error) {
        await session.close();
        throw error;
      }
      return session;
    },
  };
}

/** confluent-kafka: Python on today's librdkafka. */
export const confluent: Driver = driver('confluent-kafka', 'confluent', {});

/** kafka-python: a client of its own, in Python alone. */
export const kafkaPython: Driver = driver('kafka-python', 'kafka_python', {
  'null headers': 'refuses a null header itself',
});
