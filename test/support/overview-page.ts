import { type Browser, chromium, type Page } from 'playwright-core';
import { BROWSER_ARGS } from './data.ts';
import { eventually } from './millrace.ts';

/** A page that was away asks again after ten seconds at the latest; figures are asked for every five. */
const WAIT_MS = 30_000;

/** The overview in a real browser, open as long as the test: it is never reloaded. */
export class OverviewPage {
  readonly #browser: Browser;
  readonly #page: Page;

  private constructor(browser: Browser, page: Page) {
    this.#browser = browser;
    this.#page = page;
  }

  static async open(executablePath: string, url: string): Promise<OverviewPage> {
    const browser = await chromium.launch({ executablePath, args: BROWSER_ARGS });
    const page = await browser.newPage({ locale: 'en-GB', reducedMotion: 'reduce' });
    await page.goto(url);
    return new OverviewPage(browser, page);
  }

  /** The orders under way, as the head of their list counts them. */
  async activeOrders(): Promise<number> {
    return this.#figure('Live Orders', /^Live Orders([\d,]+) active/);
  }

  /** The deliveries of today that took too long, as their tile counts them. */
  async lateToday(): Promise<number> {
    return this.#figure('SLA today', /^SLA today([\d,]+)deliveries/);
  }

  /** Waits until other orders are under way than there were. */
  async movesFrom(active: number): Promise<void> {
    await eventually(`not ${active} active`, async () => (await this.activeOrders()) !== active, WAIT_MS);
  }

  /** Waits until so many deliveries of today took too long. */
  async countsLate(late: number): Promise<void> {
    await eventually(`${late} late`, async () => (await this.lateToday()) === late, WAIT_MS);
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }

  async #figure(title: string, shape: RegExp): Promise<number> {
    const region = this.#page.getByRole('region', { name: title, exact: true });
    const figure = async () => shape.exec((await region.textContent()) ?? '')?.[1];
    return Number((await eventually(title, figure, WAIT_MS)).replaceAll(',', ''));
  }
}
