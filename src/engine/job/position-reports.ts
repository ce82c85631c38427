import type { Source } from '../../contract/mod.ts';
import { messageOf } from '../../core/mod.ts';
import type { CheckpointImage } from './checkpoint-image.ts';

type Positions = ReadonlyMap<string, unknown>;

/**
 * Tells sources where complete checkpoints stand: one report after the other, and of those that come
 * meanwhile the last. A source that fails at it is named once, until it works again; the job goes on.
 */
export class PositionReports {
  readonly #warn: (message: string) => void;
  #sources: ReadonlyMap<number, Source> = new Map();
  #next: ReadonlyMap<number, Positions> | null = null;
  #running: Promise<void> | null = null;
  readonly #failing = new Set<number>();

  constructor(warn: (message: string) => void) {
    this.#warn = warn;
  }

  /** The sources by scan node id. */
  start(sources: ReadonlyMap<number, Source>): void {
    this.#sources = new Map([...sources].filter(([, source]) => source.checkpointed !== undefined));
  }

  completed(image: CheckpointImage): void {
    if (this.#sources.size === 0) return;
    this.#next = new Map(Array.from(this.#sources.keys(), scan => [scan, positionsOf(image, scan)]));
    this.#running ??= this.#run();
  }

  /** Resolves when all is told. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let all = this.#next; all !== null; all = this.#next) {
      this.#next = null;
      for (const [scan, positions] of all) await this.#report(scan, positions);
    }
    this.#running = null;
  }

  async #report(scan: number, positions: Positions): Promise<void> {
    try {
      await this.#sources.get(scan)?.checkpointed?.(positions);
      this.#failing.delete(scan);
    } catch (error) {
      if (!this.#failing.has(scan)) this.#warn(`positions are not told to others: ${messageOf(error)}`);
      this.#failing.add(scan);
    }
  }
}

function positionsOf({ tasks }: CheckpointImage, scan: number): Positions {
  return new Map(tasks.flatMap(({ positions }) => Object.entries(positions[scan] ?? {})));
}
