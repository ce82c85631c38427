import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededRng } from '../../src/core/mod.ts';
import { type CaptureBench, openCaptureBench } from '../support/capture.ts';
import { checkJournal, checkLedger, createLedger, Load } from '../support/capture-kills.ts';
import { kafkajs } from '../support/kafka/client-kafkajs.ts';
import { ConnectWorker, changesOnce, connectMissing } from '../support/kafka/connect.ts';
import type { Incoming, Session } from '../support/kafka/driver.ts';
import { type Killable, startKillable } from '../support/kafka/killable.ts';
import { eventually } from '../support/millrace.ts';

const ROWS = 5_000;
const [LEDGER, JOURNAL] = ['bank.public.ledger', 'bank.public.journal'] as const;

if (connectMissing !== null) console.log(`kafka-connect: skipped, ${connectMissing}`);

describe.skipIf(connectMissing !== null)('a real Connect worker with Debezium on our log', () => {
  let broker: Killable;
  let session: Session;
  let postgres: CaptureBench;
  let worker: ConnectWorker;
  beforeAll(async () => {
    broker = await startKillable();
    session = await kafkajs.open(broker);
    postgres = await openCaptureBench();
    worker = await ConnectWorker.start(broker.bootstrap);
  });
  afterAll(async () => {
    worker?.stop();
    await session?.close();
    await postgres?.dispose();
    await broker?.dispose();
  });

  const end = async (topic: string): Promise<number> => {
    const known = await session.admin.topics!();
    return known.includes(topic) ? session.admin.offsetFor!(topic, 0, -1) : 0;
  };
  const read = async (topic: string): Promise<readonly Incoming[]> =>
    session.consume(topic, { count: await end(topic) });

  /** Waits until so many more records have come, and says where the topic stands. */
  const flows = async (topic: string, more: number): Promise<number> => {
    const before = await end(topic);
    return eventually(
      `${more} more records of ${topic}`,
      async () => {
        const now = await end(topic);
        return now >= before + more && now;
      },
      120_000,
    );
  };

  test('takes a snapshot, streams, and goes on over kills of the log and of the worker', async () => {
    await createLedger(postgres.client, ROWS);
    const load = new Load(postgres, seededRng(7), 20);
    const config = postgres.config('bank', {
      'plugin.name': 'pgoutput',
      'tasks.max': '1',
      'table.include.list': 'public.ledger,public.journal',
      'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'key.converter.schemas.enable': 'false',
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'value.converter.schemas.enable': 'false',
      // Without it a batch whose answer the kill took is sent and stored again: Connect gives its producers
      // no sequence numbers of itself.
      'producer.override.enable.idempotence': 'true',
    });
    await worker.register('bank', config);
    await flows(LEDGER, ROWS / 10);
    console.log(`kill of the log at ${await end(LEDGER)} records of the ledger, in the initial read`);
    await broker.kill();
    await broker.start();

    await worker.streaming('bank');
    await flows(JOURNAL, 200);
    console.log(`kill of the worker at ${await end(JOURNAL)} transactions`);
    await worker.kill();
    worker.start();
    await flows(JOURNAL, 200);
    console.log(`kill of the log at ${await end(JOURNAL)} transactions`);
    await broker.kill();
    await broker.start();
    await flows(JOURNAL, 200);
    console.log(`kill of both at ${await end(JOURNAL)} transactions`);
    await worker.kill();
    await broker.kill();
    await broker.start();
    worker.start();
    await flows(JOURNAL, 200);

    await load.stop();
    const { rows } = await postgres.client.query('select max(n)::int as last from journal');
    const { last } = rows[0] as { last: number };
    expect(last).toBeGreaterThan(600);
    // The last changes of all: when they are there, so is whatever was before them.
    await postgres.client.query(`begin; insert into journal values (${last + 1});
      insert into ledger values (1000000, 0, 'the end'); commit`);
    const has = async (topic: string, text: string): Promise<true> => {
      const records = await read(topic);
      if (records.at(-1)?.value?.includes(text)) return true;
      throw new Error(`${records.length} records, the last is ${records.at(-1)?.value}`);
    };
    await eventually('the last transaction', () => has(JOURNAL, `"after":{"n":${last + 1}}`), 180_000);
    await eventually('the last row', () => has(LEDGER, 'the end'), 180_000);
    checkJournal(changesOnce(await read(JOURNAL)), last + 1);
    const table = await postgres.client.query('select id::int, version, note from ledger order by id');
    const changes = checkLedger(changesOnce(await read(LEDGER)), table.rows);
    console.log(`${last} transactions, ${changes} changes of the ledger, none lost`);
  });
});
