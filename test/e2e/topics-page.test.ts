import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { BROWSER_ARGS, browserPath } from '../support/data.ts';
import { eventually, type Millrace, startMillrace } from '../support/millrace.ts';
import {
  append,
  appendCompressed,
  bootstrapOf,
  consumeAsMember,
  hasKcat,
  seedTopics,
} from '../support/topic-page.ts';

const WAIT = { timeout: 15_000 };
const text = (of: Locator) => expect.poll(() => of.textContent(), WAIT);
const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
const executablePath = browserPath();
/** Where photographs go when someone wants to look: CONSOLE_SHOTS=folder. */
const shots = process.env['CONSOLE_SHOTS'];

describe.skipIf(executablePath === null)('topics in a real browser', () => {
  let browser: Browser;
  let millrace: Millrace;
  let page: Page;
  let broken: string[];

  beforeAll(async () => {
    millrace = await startMillrace({ args: ['--only', 'log'], env: { MILLRACE_KAFKA_PORT: '0' } });
    await seedTopics(millrace);
    browser = await chromium.launch({ executablePath: executablePath as string, args: BROWSER_ARGS });
  });
  afterAll(async () => {
    await browser?.close();
    await millrace?.dispose();
  });
  afterEach(async () => {
    await page?.close();
    expect(broken, 'no script may fail').toEqual([]);
  });

  async function open(path: string, scheme: 'light' | 'dark' = 'light', viewport = DESKTOP): Promise<void> {
    page = await browser.newPage({ viewport, colorScheme: scheme, locale: 'en-GB', reducedMotion: 'reduce' });
    broken = [];
    page.on('pageerror', error => broken.push(error.message));
    await page.goto(millrace.url + path);
  }
  // The last: a figure of the same name may stand above.
  const panel = (title: string) => page.getByRole('region', { name: title, exact: true }).last();
  const button = (name: string | RegExp) =>
    page.getByRole('button', { name, exact: typeof name === 'string' });
  const rows = () => page.getByTestId(/^message-/);
  const dialog = (name: string | RegExp) => page.getByRole('dialog', { name });
  const param = (name: string) => new URL(page.url()).searchParams.get(name);
  async function photograph(name: string): Promise<void> {
    const width = await page.evaluate('document.documentElement.scrollWidth');
    expect(width, 'nothing hangs over the side').toBe(page.viewportSize()!.width);
    if (!shots) return;
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: join(shots, `${name}.png`) });
  }

  test.each([
    ['light', DESKTOP, 'desktop'],
    ['dark', DESKTOP, 'desktop'],
    ['light', PHONE, 'phone'],
    ['dark', PHONE, 'phone'],
  ] as const)(
    'FT-309 CS-011 FO-032: lists topics with records, sizes and rates, %s',
    async (theme, viewport, size) => {
      await open('/topics', theme, viewport);
      const orders = panel('Topics').getByRole('row', { name: /^orders/ });
      await text(orders).toMatch(size === 'phone' ? /3 partitions.*300/ : /3300.*kB.*delete7 days/);
      await text(panel('Topics').getByRole('row', { name: /^courier_features/ })).toContain('compact');
      // Rates are measured from look to look: in the second they are there.
      await text(orders).toContain('0/s');
      await photograph(`topics-${theme}-${size}`);
      for (const [tab, region] of [
        ['', 'Messages'],
        ['?tab=partitions', 'Partitions'],
        ['?tab=groups', 'Consumer groups'],
        ['?tab=fields', 'Fields'],
        ['?tab=settings', 'Settings'],
      ] as const) {
        await page.goto(`${millrace.url}/topics/orders${tab}`);
        await panel(region).waitFor();
        if (region === 'Messages') await rows().first().waitFor();
        if (region === 'Fields') await page.getByText('order_id').waitFor();
        if (region === 'Settings') await page.getByText('retention.ms', { exact: true }).waitFor();
        await photograph(`topic-${region.toLowerCase()}-${theme}-${size}`);
      }
    },
  );

  test('filters and sorts, and the address keeps it', async () => {
    await open('/topics');
    await page.getByLabel('Filter by name').fill('our er');
    await expect.poll(() => panel('Topics').getByRole('row').count(), WAIT).toBe(2);
    await page.getByLabel('Filter by name').fill('nothing like it');
    await page.getByText('No topic has “nothing like it” in its name.').waitFor();
    await page.getByLabel('Filter by name').fill('');
    await button('Records').click();
    await expect.poll(() => panel('Topics').getByRole('link').first().textContent(), WAIT).toBe('orders');
    expect(param('sort')).toBe('-records');
    await page.reload();
    await expect.poll(() => panel('Topics').getByRole('link').first().textContent(), WAIT).toBe('orders');
  });

  test('says that topics are loading, that they can not be read, and goes on when they can', async () => {
    await open('/system');
    let answer: 'hang' | 'fail' | 'pass' = 'hang';
    await page.route('**/api/topics', async route => {
      if (answer === 'pass') await route.continue();
      else if (answer === 'fail')
        await route.fulfill({
          status: 503,
          body: '{"error":{"code":"LOG_IO","message":"the disk is gone"}}',
        });
    });
    await page.getByRole('link', { name: 'Topics', exact: true }).click();
    await page.getByRole('status', { name: 'Topics is loading' }).waitFor();
    await photograph('topics-loading');
    answer = 'fail';
    await page.reload();
    await panel('Topics').getByRole('alert').waitFor();
    await text(panel('Topics')).toContain('the disk is gone');
    await photograph('topics-failed');
    answer = 'pass';
    await button('Try again').click();
    await panel('Topics').getByRole('link', { name: 'orders' }).waitFor(WAIT);
  });

  test('messages: newest first, page by page, by offset, by time, of one partition', async () => {
    await open('/topics/orders');
    await text(rows().first()).toContain('order-299');
    await text(page.getByText(/^100 messages/)).toBe('100 messages');
    await page.getByRole('region', { name: 'Messages found' }).press('End');
    await button('Load more').click();
    await page.getByText('200 messages').waitFor();
    await button('Offset').click();
    await page.getByLabel('From this offset on').fill('98');
    await text(rows().first()).toContain('order-294');
    expect(param('offset')).toBe('98');
    await page.getByLabel('Partition').selectOption('2');
    await text(page.getByText(/messages, all there are/)).toBe('2 messages, all there are');
    await button('Time').click();
    // 04:00 in UTC is 05:00 in the app's zone.
    await page.getByLabel(/^From this time on/).fill('2026-01-01T05:00:00');
    await text(rows().first()).toContain('order-242');
    await button('Oldest').click();
    await text(rows().first()).toContain('order-2');
  });

  test('messages: the arrow keys go from row to row, Enter opens, Escape goes back to the row', async () => {
    await open('/topics/orders');
    await rows().first().focus();
    for (let i = 0; i < 30; i++) await page.keyboard.press('ArrowDown');
    await expect.poll(() => page.evaluate('document.activeElement.textContent'), WAIT).toContain('order-269');
    await page.keyboard.press('Enter');
    await dialog('Partition 2, offset 89').getByText('order_id:').waitFor();
    await photograph('message-drawer');
    await button('The message below').click();
    await dialog('Partition 1, offset 89').waitFor();
    await page.keyboard.press('Escape');
    await dialog(/offset/).waitFor({ state: 'detached' });
    expect(param('message')).toBeNull();
  });

  test('messages: a search looks in key, value and headers and says what it read', async () => {
    await open('/topics/orders');
    const field = page.getByLabel('Search in key, value and headers');
    await field.fill('SFAX');
    await field.press('Enter');
    await page.getByText(/^100 messages found, 300 searched \(.*kB\)/).waitFor();
    await field.fill('trace-77');
    await field.press('Enter');
    await text(rows().first()).toContain('order-77');
    await button('headers').click();
    await page.getByText('No message has “trace-77” in its key, value.').waitFor();
    expect(param('in')).toBe('key,value');
    await photograph('search-nothing');
  });

  test('messages: values as tree, text and hex; long ones are cut until asked for; tombstones', async () => {
    await open('/topics/orders?message=0:0');
    const drawer = dialog('Partition 0, offset 0');
    await drawer.getByText('"Tunis"').waitFor();
    await drawer.getByRole('button', { name: 'Pretty' }).click();
    await text(drawer.locator('pre').first()).toContain('\n  "order_id": 0,');
    await drawer.getByRole('button', { name: 'Hex' }).first().click();
    await text(drawer.locator('pre').first()).toMatch(/^00000000 {2}7b 22 6f/);
    await text(drawer).toContain('trace-0');
    await text(drawer).toMatch(/a batch of 100 records, .*, not compressed/);
    await page.goto(`${millrace.url}/topics/courier_features?message=0:0`);
    const long = dialog('Partition 0, offset 0');
    await text(long).toContain('The beginning of 20.0 kB.');
    const likeIt = long.getByRole('button', { name: 'Produce one like this' });
    expect(await likeIt.isDisabled()).toBe(true);
    await text(long).toContain('Only the beginning of its value is here.');
    await photograph('message-cut');
    await long.getByRole('button', { name: 'Show all' }).click();
    await expect
      .poll(async () => (await long.locator('pre').first().textContent())?.length, WAIT)
      .toBe(20_000);
    await likeIt.click();
    const value = dialog('Produce to courier_features').getByLabel('Value', { exact: true });
    await expect.poll(async () => (await value.inputValue()).length, WAIT).toBe(20_000);
    await page.goto(`${millrace.url}/topics/courier_features?message=0:1`);
    await text(dialog('Partition 0, offset 1')).toContain('null: a tombstone');
    await page.goto(`${millrace.url}/topics/courier_features?message=0:2`);
    await text(dialog('Partition 0, offset 2').locator('pre').first()).toContain('ff 00 01 02');
    await page.goto(`${millrace.url}/topics/courier_features?message=0:99`);
    await text(dialog('Partition 0, offset 99')).toContain('There is no message at this place');
  });

  test('messages: odd ones are shown like all others: names of objects, large numbers, times beyond dates', async () => {
    const config = { 'message.timestamp.after.max.ms': 9_000_000_000_000_000 };
    await millrace.post('/api/topics', { name: 'odd', config });
    const value = '{"constructor":null,"id":9007199254740993}';
    await append(millrace, 'odd', [{ value, timestamp: 8_640_000_000_000_001 }]);
    await append(millrace, 'odd', [{ value: 'v', headers: { trace: 'a  b', none: null } }]);
    await open('/topics/odd?tab=fields');
    await text(panel('Fields').getByRole('row', { name: /^id/ })).toMatch(/integer.*9007199254740993/);
    await text(panel('Fields').getByRole('row', { name: /^constructor/ })).toContain('null');
    await page.goto(`${millrace.url}/topics/odd?message=0:0`);
    await text(dialog('Partition 0, offset 0')).toContain('8640000000000001');
    await photograph('message-beyond-dates');
    await page.goto(`${millrace.url}/topics/odd?message=0:1`);
    await dialog('Partition 0, offset 1').getByRole('button', { name: 'Produce one like this' }).click();
    const form = dialog('Produce to odd');
    await form.getByText('Not taken over: header none (null).').waitFor();
    expect(await form.getByLabel("Header's value").inputValue()).toBe('a  b');
    await photograph('produce-like');
  });

  test.skipIf(!hasKcat).each(['gzip', 'snappy', 'lz4', 'zstd'])(
    'messages: a batch that a client compressed with %s is read, searched and told as such',
    async compression => {
      const lines = Array.from({ length: 50 }, (_, i) => `{"n":${i},"same":"${'same '.repeat(20)}"}`);
      await millrace.post('/api/topics', { name: compression });
      appendCompressed(await bootstrapOf(millrace), compression, compression, lines.join('\n'));
      await open(`/topics/${compression}?search=%22n%22:49`);
      await rows().first().click();
      const drawer = dialog('Partition 0, offset 49');
      await text(drawer).toContain('n: 49');
      await text(drawer).toMatch(new RegExp(`a batch of 50 records, .*B, ${compression}`));
    },
  );

  test('messages: live, paused and resumed; a message is produced in the page', async () => {
    await open('/topics/quiet');
    await page.getByText('No message yet. What is produced to this topic shows here.').waitFor();
    await photograph('messages-empty');
    await button('Live').click();
    await page.getByText('Waiting for what is produced from now on.').waitFor();
    await append(millrace, 'quiet', [{ key: 'a', value: 'first' }]);
    await text(rows().first()).toContain('first');
    await button('Pause').click();
    await append(millrace, 'quiet', [{ key: 'b', value: 'second' }]);
    await page.getByText(/^Paused: 1 waiting/).waitFor();
    expect(await rows().count()).toBe(1);
    await photograph('messages-paused');
    await button('Resume').click();
    await text(rows().first()).toContain('second');
    await button('Produce').click();
    const form = dialog('Produce to quiet');
    await form.getByLabel('Value', { exact: true }).fill('{"made":"here"}');
    await form.getByLabel('No key').click();
    await form.getByLabel('Key', { exact: true }).fill('k');
    await form.getByRole('button', { name: 'Add a header' }).click();
    await form.getByLabel('Header', { exact: true }).fill('by');
    await form.getByLabel("Header's value").fill('test');
    await photograph('produce');
    await form.getByRole('button', { name: 'Produce' }).click();
    await form.getByText(/^Stored in partition \d at offset \d/).waitFor();
    await form.getByRole('link', { name: 'Show it' }).click();
    await text(dialog(/^Partition/)).toMatch(/made: "here".*by.*test/s);
  });

  test('settings: changed in place, refused with the reason, given back', async () => {
    await open('/topics/orders?tab=settings');
    const row = page.getByTestId('setting-retention.ms');
    await text(row).toContain('7 days');
    await row.getByRole('button', { name: 'Change retention.ms' }).click();
    await row.getByLabel('retention.ms').fill('soon');
    await row.getByRole('button', { name: 'Save' }).click();
    await row.getByRole('alert').waitFor();
    await text(row.getByRole('alert')).toContain('retention.ms');
    await photograph('settings-refused');
    await row.getByLabel('retention.ms').fill('3600000');
    await row.getByRole('button', { name: 'Save' }).click();
    await text(row).toMatch(/1 hour.*set here/);
    await page.getByLabel('Only what was set here').click();
    await expect.poll(() => page.getByTestId(/^setting-/).count(), WAIT).toBe(1);
    await row.getByRole('button', { name: 'Change retention.ms' }).click();
    await row.getByRole('button', { name: 'Back to default' }).click();
    await page.getByText('No setting fits.').waitFor();
  });

  test('a topic is created, gets partitions, and is deleted when its name is typed', async () => {
    await open('/topics');
    await button('Create topic').click();
    const form = dialog('Create a topic');
    await form.getByLabel('Name').fill('not allowed');
    await form.getByText('A name has only letters').waitFor();
    await form.getByLabel('Name').fill('made.here');
    await form.getByLabel('Partitions').fill('2');
    await form.getByLabel('Cleanup').selectOption('compact');
    await photograph('create-topic');
    await form.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { name: 'made.here', level: 2 }).waitFor();
    await button('Add partitions').click();
    await dialog(/^Add partitions/)
      .getByLabel('Partitions in all')
      .fill('4');
    await dialog(/^Add partitions/)
      .getByRole('button', { name: 'Add' })
      .click();
    await text(page.getByRole('link', { name: /^Partitions/ })).toBe('Partitions4');
    await button('Delete').click();
    const question = dialog('Delete a topic');
    expect(await question.getByRole('button', { name: 'Delete the topic' }).isDisabled()).toBe(true);
    await question.getByLabel('Type made.here to confirm').fill('made.here');
    await photograph('delete-topic');
    await question.getByRole('button', { name: 'Delete the topic' }).click();
    await expect.poll(() => new URL(page.url()).pathname, WAIT).toBe('/topics');
    await expect.poll(() => page.getByRole('link', { name: 'made.here' }).count(), WAIT).toBe(0);
    await page.goto(`${millrace.url}/topics/made.here`);
    await page.getByRole('heading', { name: 'There is no topic made.here' }).waitFor();
  });

  test.skipIf(!hasKcat)(
    'FT-326: a group shows its member and its lag as it moves, and is reset once it is empty',
    async () => {
      const bootstrap = await bootstrapOf(millrace);
      const member = consumeAsMember(bootstrap, 'readers', 'orders');
      await open('/groups');
      try {
        await text(panel('Consumer groups').getByRole('row', { name: /^readers/ })).toMatch(
          /Stable1orders.*0$/,
        );
        await button('readers').click();
        const drawer = dialog('readers');
        await text(drawer).toMatch(/orders 0, 1, 2/);
        await drawer.getByText('would overwrite what is set').waitFor();
        await photograph('group-busy');
        await drawer.getByRole('button', { name: 'Show what it does' }).click();
        await drawer.getByText('300 records are read once more.').waitFor();
        expect(await drawer.getByRole('button', { name: 'Set the offsets' }).isDisabled()).toBe(true);
      } finally {
        member.kill('SIGTERM');
      }
      const state = async () =>
        (await millrace.get<{ state: string }>('/api/groups/readers')).state === 'Empty';
      await eventually('the member has left', state);
      await append(millrace, 'orders', [{ value: 'one more', partition: 1 }]);
      const drawer = dialog('readers');
      await text(drawer).toMatch(/Empty.*Lag1/);
      await drawer.getByLabel('Topic').selectOption('orders');
      await drawer.getByRole('button', { name: 'Offset', exact: true }).click();
      await drawer.getByLabel('Offset', { exact: true }).fill('90');
      await drawer.getByRole('button', { name: 'Show what it does' }).click();
      await drawer.getByText('30 records are read once more.').waitFor();
      await drawer.getByRole('button', { name: 'Set the offsets' }).click();
      await text(drawer).toMatch(/Lag31/);
      await photograph('group-empty');
      await drawer.getByRole('button', { name: 'Delete the group' }).click();
      const question = dialog('Delete a consumer group');
      await question.getByLabel('Type readers to confirm').fill('readers');
      await question.getByRole('button', { name: 'Delete the group' }).click();
      await page.getByText('No consumer group yet.').waitFor();
      await photograph('groups-none');
    },
  );
});
