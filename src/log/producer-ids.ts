import type { TableTopic } from './table-topic.ts';

/** Holds the next free id; a name never looks so. */
const COUNTER = '*';

/** Durable numbers for the names of producers and writers. A number is never given twice. */
export class ProducerIds {
  readonly #table: TableTopic<number>;
  readonly #known = new Map<string, Promise<number>>();
  #next: number;
  #last: Promise<unknown> = Promise.resolve();

  constructor(table: TableTopic<number>) {
    this.#table = table;
    this.#next = table.get(COUNTER) ?? 0;
  }

  /** The id of a name if it has one. */
  find(name: string): number | undefined {
    return this.#table.get(`name/${name}`);
  }

  /** The id of a name, given to it now when it has none. */
  idOf(name: string): Promise<number> {
    let id = this.#known.get(name);
    if (id === undefined) {
      id = this.#assign(name);
      this.#known.set(name, id);
      id.catch(() => this.#known.delete(name));
    }
    return id;
  }

  async #assign(name: string): Promise<number> {
    const known = this.find(name);
    if (known !== undefined) return known;
    const id = this.#next++;
    // One after the other, so that the counter on disk never goes back.
    const stored = this.#last.then(() => this.#table.put([`name/${name}`, id], [COUNTER, id + 1]));
    this.#last = stored.catch(() => undefined);
    await stored;
    return id;
  }
}
