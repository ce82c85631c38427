import type { TableTopic } from './table-topic.ts';

/** Holds the first id that is not set apart yet; a name never looks so. */
const COUNTER = '*';
/** Ids that are set apart by one write, as Kafka's. Those left at a restart are never given. */
const BLOCK = 1000;

/**
 * The producer ids of the log: of its own named producers and writers, and of clients. None is given
 * twice.
 */
export class ProducerIds {
  readonly #table: TableTopic<number>;
  readonly #known = new Map<string, Promise<number>>();
  readonly #own = new Set<number>();
  #next: number;
  #limit: number;
  #reserving: Promise<void> | null = null;

  constructor(table: TableTopic<number>) {
    this.#table = table;
    this.#next = table.get(COUNTER) ?? 0;
    this.#limit = this.#next;
    for (const [name, id] of table.entries()) if (name !== COUNTER) this.#own.add(id);
  }

  /** An id that nobody has. */
  async fresh(): Promise<number> {
    while (this.#next === this.#limit) {
      this.#reserving ??= this.#reserve().finally(() => {
        this.#reserving = null;
      });
      await this.#reserving;
    }
    return this.#next++;
  }

  async #reserve(): Promise<void> {
    await this.#table.put([COUNTER, this.#limit + BLOCK]);
    this.#limit += BLOCK;
  }

  /** True for ids that have a name: those of the log's own producers and writers. */
  isOwn(id: number): boolean {
    return this.#own.has(id);
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
    const id = await this.fresh();
    this.#own.add(id);
    await this.#table.put([`name/${name}`, id]);
    return id;
  }
}
