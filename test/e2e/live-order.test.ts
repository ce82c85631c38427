import type pg from 'pg';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BROWSER_ARGS, browserPath } from '../support/data.ts';
import { eventually, type Millrace, startMillrace } from '../support/millrace.ts';
import { completeOrder, insertOrder, windowOf } from '../support/orders.ts';

const executablePath = browserPath();

interface JobStatus {
  readonly name: string;
  readonly lateRows: number;
}

describe.skipIf(executablePath === null)('an order by hand, seen in a browser', () => {
  let millrace: Millrace;
  let database: pg.Client;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    millrace = await startMillrace({ args: ['--no-generator'] });
    database = await millrace.database();
    browser = await chromium.launch({ executablePath: executablePath as string, args: BROWSER_ARGS });
    page = await browser.newPage();
    await page.goto(millrace.url);
  });
  afterAll(async () => {
    await browser?.close();
    await database?.end();
    await millrace?.dispose();
  });

  test('FT-X01 FT-225: it appears in Live Orders as soon as it is committed', async () => {
    const orderId = await insertOrder(database);
    const row = page.getByTestId(`order-${orderId}`);
    await row.waitFor({ timeout: 10_000 });
    expect(await row.textContent()).toMatch(/delivering|processing/i);
    await completeOrder(database, orderId, 20);
    await eventually('shown as done', async () => /done/i.test((await row.textContent()) ?? ''), 10_000);
  });

  test('FT-224: the tiles show real figures, and say that no model runs yet', async () => {
    await insertOrder(database);
    const shown = expect.poll(() => page.locator('main').textContent(), { timeout: 10_000 });
    await shown.toMatch(/orders/i);
    await shown.toMatch(/SLA/);
    await shown.toMatch(/no model runs yet/i);
  });

  test('FT-236: a late delivery is listed with its minutes and how far it is over the target', async () => {
    const orderId = await insertOrder(database);
    await completeOrder(database, orderId, 58);
    const line = page.getByText(/58 min/).first();
    await line.waitFor({ timeout: 10_000 });
    await expect.poll(() => page.locator('main').textContent(), { timeout: 10_000 }).toMatch(/13 over/);
  });

  test('FT-216: T changes between light and dark, and a reload remembers it', async () => {
    const scheme = (): Promise<string | null> =>
      page.locator('html').getAttribute('data-mantine-color-scheme');
    const before = await scheme();
    await page.locator('body').press('t');
    await eventually('the other theme', async () => (await scheme()) !== before, 5000);
    const after = await scheme();
    await page.reload();
    await eventually('the theme is remembered', async () => (await scheme()) === after, 5000);
  });
});

describe('an order by hand, in the minute of its completion', () => {
  let millrace: Millrace;
  let database: pg.Client;

  beforeAll(async () => {
    millrace = await startMillrace();
    database = await millrace.database();
  });
  afterAll(async () => {
    await database?.end();
    await millrace?.dispose();
  });

  const kpiLate = async (): Promise<number> => {
    const jobs = await millrace.get<JobStatus[]>('/api/jobs');
    return jobs.find(job => job.name.includes('city'))?.lateRows ?? 0;
  };

  test('FT-077 FT-016: completed it enters its minute; deleted before the watermark it is retracted', async () => {
    const kept = await insertOrder(database);
    const deleted = await insertOrder(database);
    await completeOrder(database, kept, 20);
    const { rows } = await database.query(`SELECT pickup_time FROM orders WHERE order_id = $1`, [kept]);
    await database.query(
      `UPDATE orders SET status = 'Completed', pickup_time = $2, time_taken_minutes = 20 WHERE order_id = $1`,
      [deleted, rows[0].pickup_time],
    );
    await database.query(`DELETE FROM orders WHERE order_id = $1`, [deleted]);
    const window = await eventually('the minute in the table', () => windowOf(database, kept), 120_000);
    const counted = await database.query(
      `SELECT count(*)::int AS n FROM orders o JOIN cities c USING (city_id) WHERE c.city_name = $1
         AND status = 'Completed'
         AND date_trunc('minute', coalesce(pickup_time, order_timestamp) + make_interval(mins => time_taken_minutes)) = $2`,
      [window.city_name, window.window_start],
    );
    expect(window.order_count).toBe(counted.rows[0].n);
  });

  test('FT-088: deleted after its minute has closed it is counted late', async () => {
    const orderId = await insertOrder(database);
    await completeOrder(database, orderId, 20);
    const window = await eventually('the minute in the table', () => windowOf(database, orderId), 120_000);
    const before = await kpiLate();
    await database.query(`DELETE FROM orders WHERE order_id = $1`, [orderId]);
    await eventually('the late row is counted', async () => (await kpiLate()) > before);
    const { rows } = await database.query(
      `SELECT order_count::int AS n FROM city_orders_per_minute WHERE city_name = $1 AND window_start = $2`,
      [window.city_name, window.window_start],
    );
    expect(rows[0].n).toBe(window.order_count);
  });
});
