import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath } from '../support/data.ts';
import { expectValid, underLoad } from '../support/kills.ts';
import { eventually, type Millrace, startMillrace } from '../support/millrace.ts';
import { completeOrder, insertOrder } from '../support/orders.ts';
import { OverviewPage } from '../support/overview-page.ts';
import { RealKafka, whyNoKafka } from '../support/real-kafka.ts';

const PORT = 21392;
const missing = whyNoKafka();
if (missing !== null) console.log(`kafka-cluster: skipped, ${missing}`);
const executablePath = browserPath();
const isSkipped = missing !== null || executablePath === null;

interface Part {
  readonly part: string;
  readonly state: string;
  readonly detail: string;
}

/** Records flow; the first request may meet a connection that ended while a command ran. */
async function flowing(millrace: Millrace): Promise<number> {
  await eventually('an answer', () => millrace.get('/api/status'), 60_000);
  return underLoad(millrace);
}

/** An order placed now and delivered 58 minutes later, by hand: the SLA job has one more to tell of. */
async function deliverLate(millrace: Millrace): Promise<void> {
  const database = await millrace.database();
  try {
    await completeOrder(database, await insertOrder(database, -10), 58);
  } finally {
    await database.end();
  }
}

/** The day where the deliveries are: what is late today begins anew at its midnight. */
const today = (): string => new Date().toLocaleDateString('en', { timeZone: 'Africa/Tunis' });

async function logPart(millrace: Millrace): Promise<Part> {
  const { parts } = await millrace.get<{ parts: readonly Part[] }>('/api/status');
  return parts.find(({ part }) => part === 'log')!;
}

describe.skipIf(isSkipped)('Flavor Trend with a real Kafka as its log', () => {
  let kafka: RealKafka;
  let millrace: Millrace;
  /** One page for all tests: what dies is behind it. */
  let page: OverviewPage;
  let late: number;
  let day: string;
  beforeAll(async () => {
    kafka = await RealKafka.start(PORT);
    millrace = await startMillrace({
      args: ['--generator.rate', '3000'],
      // A short past: written slower than its weather's idle time-out, orders would overtake their weather.
      env: { MILLRACE_LOG_BOOTSTRAP: kafka.bootstrap, MILLRACE_PARAMS_BACKFILL_MINUTES: '1' },
      readyTimeoutMs: 180_000,
    });
    page = await OverviewPage.open(executablePath!, millrace.url);
    day = today();
    late = await page.lateToday();
  });
  afterAll(async () => {
    await page?.close();
    await millrace?.dispose();
    await kafka?.dispose();
  });

  /** What a browser shows moves, with the traffic and with a delivery by hand, and every sink is right. */
  async function expectMovingAndValid(): Promise<void> {
    const active = await page.activeOrders();
    if (today() !== day) {
      day = today();
      late = await page.lateToday();
    }
    await deliverLate(millrace);
    expectValid(millrace);
    await page.movesFrom(active);
    late += 1;
    await page.countsLate(late);
  }

  test('the status names the cluster, the browser moves, every sink equals its recomputation', async () => {
    expect(await logPart(millrace)).toMatchObject({ state: 'ok' });
    expect((await logPart(millrace)).detail).toContain(kafka.bootstrap);
    await flowing(millrace);
    await expectMovingAndValid();
    const groups = await millrace.get<readonly { readonly groupId: string }[]>('/api/groups');
    expect(groups.map(({ groupId }) => groupId)).toContain('flavor.city_kpi');
  });

  test('after kill -9 of Node under load nothing is lost and nothing doubled', async () => {
    console.log(`kill of Node, ${await flowing(millrace)} records just appended`);
    await millrace.kill();
    await millrace.start();
    await flowing(millrace);
    await expectMovingAndValid();
  });

  test('after kill -9 of Kafka under load too; until it is back the status says that it is away', async () => {
    console.log(`kill of Kafka, ${await flowing(millrace)} records just appended`);
    await kafka.kill();
    await eventually('seen as away', async () => (await logPart(millrace)).state === 'failed');
    expect((await logPart(millrace)).detail).toContain(kafka.bootstrap);
    await kafka.up();
    await eventually('seen as back', async () => (await logPart(millrace)).state === 'ok', 60_000);
    await flowing(millrace);
    await expectMovingAndValid();
  });

  test('after kill -9 of both', async () => {
    console.log(`kill of both, ${await flowing(millrace)} records just appended`);
    await kafka.kill();
    await millrace.kill();
    await kafka.up();
    await millrace.start();
    await flowing(millrace);
    await expectMovingAndValid();
  });
});
