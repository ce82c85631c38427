import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fill, orderRows } from '../support/console-fixture-rows.ts';
import { ConsoleFixtureServer } from '../support/console-fixture-server.ts';
import { BROWSER_ARGS, browserPath } from '../support/data.ts';

const MINUTE_MS = 60_000;
/** Panels fill one by one: what a test expects of one may come a moment after what it waited for. */
const WAIT = { timeout: 10_000 };
const text = (of: Locator) => expect.poll(() => of.textContent(), WAIT);
const DESKTOP = { width: 1440, height: 1000 };
const PHONE = { width: 390, height: 844 };
const executablePath = browserPath();
/** Where photographs go when someone wants to look: MILLRACE_SHOTS=folder. */
const shots = process.env['MILLRACE_SHOTS'];

describe.skipIf(executablePath === null)('the console in a real browser', () => {
  let browser: Browser;
  let server: ConsoleFixtureServer;
  let page: Page;
  let foreign: string[];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath as string, args: BROWSER_ARGS });
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    server = new ConsoleFixtureServer();
    await server.start();
    foreign = [];
  });
  afterEach(async () => {
    await page?.close();
    await server.stop();
    expect(foreign, 'nothing may be asked of another origin').toEqual([]);
  });

  async function open(path = '/', scheme: 'light' | 'dark' = 'light', viewport = DESKTOP): Promise<void> {
    page = await browser.newPage({ viewport, colorScheme: scheme, locale: 'en-GB', reducedMotion: 'reduce' });
    page.on('request', request => {
      const { protocol, origin } = new URL(request.url());
      if (protocol.startsWith('http') && origin !== server.url) foreign.push(request.url());
    });
    await page.goto(server.url + path);
  }
  const panel = (title: string) => page.getByRole('region', { name: title, exact: true });
  async function photograph(name: string): Promise<void> {
    if (!shots) return;
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
  }
  const scheme = () => page.locator('html').getAttribute('data-mantine-color-scheme');

  test('loading: skeletons with names, no figures', async () => {
    await open();
    await page.getByRole('status', { name: 'Live Orders is loading' }).waitFor();
    await photograph('loading-light');
    expect(await panel('Live Orders').textContent()).not.toMatch(/\d+ active/);
  });

  test.each([
    ['light', DESKTOP, 'desktop'],
    ['dark', DESKTOP, 'desktop'],
    ['light', PHONE, 'phone'],
    ['dark', PHONE, 'phone'],
  ] as const)('FT-224 FT-225 FT-236 FT-221: filled, %s', async (theme, viewport, size) => {
    fill(server, Date.now());
    await open('/', theme, viewport);
    await page.getByText('58 min, 13 over the target').waitFor();
    await expect.poll(() => new URL(page.url()).pathname, WAIT).toBe('/overview');
    await text(panel('Orders/min')).toMatch(/^Orders\/min6completed.*\d\d:\d\d–\d\d:\d\d Africa\/Tunis/);
    await text(panel('SLA today')).toContain('31');
    await text(panel('ETA MAE 1h')).toBe(
      'ETA MAE 1hNo model runs yetno ETA is predicted, so it has no error',
    );
    await text(panel('System health')).toContain('All 8 parts are working.');
    await text(panel('Live Orders')).toMatch(/\d+ active.*TND/);
    await text(panel('Platform')).toMatch(/job city_kpi.*Working · 15\/s · lag 3/);
    await expect.poll(scheme, WAIT).toBe(theme);
    const width = await page.evaluate('document.documentElement.scrollWidth');
    expect(width, 'nothing hangs over the side').toBe(viewport.width);
    await photograph(`filled-${theme}-${size}`);
  });

  test('empty: each panel says what would be here', async () => {
    for (const [view, key] of [
      ['live_orders', 'order_id'],
      ['orders_per_minute', 'window_start'],
      ['sla_violations', 'order_id'],
      ['restaurant_sentiment', 'window_start'],
      ['platform.status', 'part'],
    ] as const)
      server.views.set(view, { key: [key], rows: [], asOfMs: 0 });
    await open('/overview', 'dark');
    await page.getByText('No order in the last 12 hours').waitFor();
    expect(
      await panel('Live Orders')
        .getByRole('button', { name: /Copy the command/ })
        .count(),
    ).toBe(1);
    await text(panel('SLA Violations')).toContain('promised 45 minutes');
    await text(panel('System health')).toContain('No part has reported its health yet.');
    await photograph('empty-dark');
  });

  test('failed: the view that is not there says so, and fills by itself once it is', async () => {
    fill(server, Date.now());
    server.fail('live_orders', 'no view live_orders');
    server.kpi = null;
    await open();
    await panel('Live Orders').getByRole('alert').waitFor();
    await text(panel('Live Orders')).toContain('no view live_orders');
    await panel('Orders/min').getByText('No answer').waitFor();
    await photograph('failed-light');
    server.failing.clear();
    await panel('Live Orders')
      .getByText(/active/)
      .waitFor({ timeout: 10_000 });
  });

  test('failed: a page that can not be drawn says so at its place, and a reload brings it back', async () => {
    fill(server, Date.now());
    await open();
    await panel('Live Orders')
      .getByText(/active/)
      .waitFor();
    // As after an upgrade: the page's script has another name by now.
    await page.route('**/assets/topics-*.js', route => route.fulfill({ status: 404 }));
    await page.getByRole('link', { name: 'Topics', exact: true }).click();
    await text(page.getByRole('main').getByRole('alert')).toContain('This page can’t be shown');
    await photograph('page-failed-light');
    await page.getByRole('link', { name: 'System', exact: true }).click();
    await panel('Parts').waitFor();
    await page.goBack();
    await page.unroute('**/assets/topics-*.js');
    await page.getByRole('button', { name: 'Reload' }).click();
    await panel('Topics').last().waitFor();
    expect(new URL(page.url()).pathname).toBe('/topics');
  });

  test('FT-185 FT-219: a cut connection is told with a count, the rows stay, and it catches up', async () => {
    fill(server, Date.now());
    await open();
    await page.getByText('58 min, 13 over the target').waitFor();
    await server.stop();
    await page
      .getByTestId('connection-banner')
      .getByText(/Connection lost \d+ s ago/)
      .waitFor();
    await expect.poll(() => page.getByText('58 min, 13 over the target').isVisible(), WAIT).toBe(true);
    await text(panel('Live Orders')).toContain('reconnecting');
    await text(panel('System health')).toContain('No contact');
    await photograph('reconnecting-light');
    server.subscriptions.length = 0;
    await server.start();
    await page.getByTestId('connection-banner').waitFor({ state: 'detached', timeout: 15_000 });
    const resumed = server.subscriptions.find(({ view }) => view === 'live_orders');
    expect(resumed).toMatchObject({ epoch: 'epoch-1', version: 1 });
    await text(panel('Live Orders')).not.toContain('reconnecting');
  });

  test('FT-213: what has not changed for two minutes is stale, for five very stale', async () => {
    const nowMs = Date.now();
    fill(server, nowMs);
    for (const [view, ageMin] of [
      ['live_orders', 3],
      ['sla_violations', 7],
      ['restaurant_sentiment', 6],
    ] as const)
      server.views.set(view, { ...server.views.get(view)!, asOfMs: nowMs - ageMin * MINUTE_MS });
    await open('/overview', 'dark');
    await panel('Live Orders')
      .getByText(/stale, 3 min/)
      .waitFor();
    await text(panel('SLA Violations')).toMatch(/very stale, 7 min/);
    expect(await panel('Customer sentiment').textContent()).not.toContain('stale');
    await photograph('stale-dark');
  });

  test('FT-199 FT-225: a row changes in place, opens in a drawer with its address, Esc closes', async () => {
    const nowMs = Date.now();
    fill(server, nowMs);
    await open();
    const placed = {
      ...orderRows(nowMs, 1)[0],
      order_id: 900_001,
      status: 'Processing',
      order_timestamp: nowMs,
    };
    server.change('live_orders', [{ ...placed, pickup_time: nowMs + 2500, time_taken_minutes: null }], nowMs);
    const row = page.getByTestId('order-900001');
    await row.getByText('PROCESSING').waitFor();
    await row.getByText('DELIVERING').waitFor({ timeout: 5000 });
    await row.click();
    await page.getByRole('dialog', { name: 'Order 900001' }).getByText('DELIVERING').waitFor();
    await expect.poll(() => new URL(page.url()).searchParams.get('order'), WAIT).toBe('900001');
    await photograph('drawer-light');
    const done = {
      ...placed,
      status: 'Completed',
      pickup_time: nowMs - 60 * MINUTE_MS,
      time_taken_minutes: 30,
    };
    server.change('live_orders', [done], nowMs);
    await page.getByRole('dialog').getByText('took 30 min').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expect.poll(() => page.url(), WAIT).not.toContain('order=');
    await text(row).toMatch(/DONE.*took 30 min/);
  });

  test('FT-X07: the city is in the address and every panel follows or says that it does not', async () => {
    fill(server, Date.now());
    await open('/overview?city=Sfax');
    await panel('SLA Violations').getByText('Sfax').first().waitFor();
    expect(await panel('Live Orders').textContent()).not.toContain('Tunis ·');
    await text(panel('Orders/min')).toContain('completed in Sfax');
    await text(panel('SLA today')).toContain('all cities');
    await page.getByRole('combobox', { name: 'City', exact: true }).selectOption('Tunis');
    await panel('Live Orders').getByText('Tunis · ').first().waitFor();
    await expect.poll(() => page.url(), WAIT).toContain('city=Tunis');
    await page.getByRole('link', { name: 'System', exact: true }).click();
    await expect.poll(() => new URL(page.url()).search, WAIT).toBe('?city=Tunis');
    await page.goBack();
    await panel('Live Orders').getByText('Tunis · ').first().waitFor();
  });

  test('FT-236: twelve violations first, then all, and folded away', async () => {
    fill(server, Date.now());
    await open();
    const rows = panel('SLA Violations').getByTestId(/^violation-/);
    await rows.first().waitFor();
    await expect.poll(() => rows.count(), WAIT).toBe(12);
    await page.getByRole('button', { name: 'Show all 31' }).click();
    await expect.poll(() => rows.count(), WAIT).toBe(31);
    await panel('SLA Violations').getByRole('button', { name: 'Show the violations' }).click();
    await expect.poll(() => rows.count(), WAIT).toBe(0);
  });

  test('FT-216: the theme follows the system, T turns it and it is remembered', async () => {
    fill(server, Date.now());
    await open('/overview', 'dark');
    const toggle = page.getByRole('button', { name: 'Dark theme' });
    await expect.poll(() => toggle.getAttribute('aria-pressed'), WAIT).toBe('true');
    await page.keyboard.press('t');
    await expect.poll(scheme, WAIT).toBe('light');
    await expect.poll(() => toggle.getAttribute('aria-pressed'), WAIT).toBe('false');
    await page.reload();
    await toggle.waitFor();
    await expect.poll(scheme, WAIT).toBe('light');
  });

  test('the palette goes to a page and opens an order by its number, without a mouse', async () => {
    fill(server, Date.now());
    await open();
    await page
      .getByTestId(/^order-/)
      .first()
      .waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Go to or do anything' }).fill('syst');
    await photograph('palette-light');
    await page.keyboard.press('Enter');
    await page.getByRole('table').first().waitFor();
    await expect.poll(() => new URL(page.url()).pathname, WAIT).toBe('/system');
    await photograph('system-light');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Go to or do anything' }).fill('104204');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Order 104204' }).waitFor();
  });

  test('a pause freezes the page and counts what is held back', async () => {
    const nowMs = Date.now();
    fill(server, nowMs);
    await open();
    await page
      .getByTestId(/^order-/)
      .first()
      .waitFor();
    await page.keyboard.press('p');
    server.change(
      'live_orders',
      [{ ...orderRows(nowMs, 1)[0], order_id: 900_002, order_timestamp: nowMs }],
      nowMs,
    );
    await page.getByRole('button', { name: /Paused, .* 1 changes? behind/ }).waitFor();
    expect(await page.getByTestId('order-900002').count()).toBe(0);
    await page.keyboard.press('p');
    await page.getByTestId('order-900002').waitFor();
  });
});
