import { failpoint, MillraceError } from '../core/mod.ts';
import type { TopicConfig, TopicDescription } from './log.ts';
import type { Partition } from './partition/partition.ts';
import type { Storage } from './storage/storage.ts';
import type { TableTopic } from './table-topic.ts';
import { checkNewTopic, isOwnName } from './topic-rules.ts';

/** What is stored of a topic. `id` differs when a topic is made again under the same name. */
export interface StoredTopic {
  readonly id: number;
  readonly partitions: number;
  readonly config: TopicConfig;
}

export interface OpenTopic extends StoredTopic {
  readonly name: string;
  readonly open: readonly Partition[];
}

export type OpenPartition = (topic: string, partition: number, config: TopicConfig) => Promise<Partition>;

/** Holds the next free topic id; no topic can have this name. */
const COUNTER = '*';

/** The topics of the log. The catalog topic says which exist: a folder without an entry is a left-over. */
export class Topics {
  readonly #storage: Storage;
  readonly #directory: string;
  readonly #catalog: TableTopic<StoredTopic>;
  readonly #openPartition: OpenPartition;
  readonly #topics = new Map<string, OpenTopic>();
  #lastChange: Promise<unknown> = Promise.resolve();

  constructor(
    storage: Storage,
    directory: string,
    catalog: TableTopic<StoredTopic>,
    openPartition: OpenPartition,
  ) {
    this.#storage = storage;
    this.#directory = directory;
    this.#catalog = catalog;
    this.#openPartition = openPartition;
  }

  /** Remove what an unfinished creation or deletion left, and open all partitions. */
  async openAll(): Promise<void> {
    for (const folder of await this.#storage.list(this.#directory)) {
      const [, name, partition] = /^(.+)-(\d+)$/.exec(folder) ?? [];
      if (name === undefined || isOwnName(name)) continue;
      const topic = this.#catalog.get(name);
      if (topic === undefined || Number(partition) >= topic.partitions) {
        await this.#storage.remove(`${this.#directory}/${folder}`);
      }
    }
    for (const [name, topic] of this.#catalog.entries()) {
      if (name !== COUNTER) this.#topics.set(name, await this.#open(name, topic));
    }
  }

  async #open(name: string, topic: StoredTopic): Promise<OpenTopic> {
    const open: Partition[] = [];
    for (let i = 0; i < topic.partitions; i++) open.push(await this.#openPartition(name, i, topic.config));
    return { ...topic, name, open };
  }

  all(): Iterable<OpenTopic> {
    return this.#topics.values();
  }

  describe(name: string): TopicDescription | undefined {
    const topic = this.#topics.get(name);
    return topic && { name, partitions: topic.partitions, config: topic.config };
  }

  get(name: string): OpenTopic | undefined {
    return this.#topics.get(name);
  }

  /** UNKNOWN_TOPIC where there is none. */
  find(name: string): OpenTopic {
    const topic = this.#topics.get(name);
    if (topic === undefined) throw new MillraceError('UNKNOWN_TOPIC', `there is no topic ${name}`);
    return topic;
  }

  partition(name: string, partition: number): Partition {
    const topic = this.find(name);
    const found = topic.open[partition];
    if (found === undefined) {
      const count = `${topic.partitions} partition${topic.partitions === 1 ? '' : 's'}`;
      throw new MillraceError('UNKNOWN_TOPIC', `topic ${name} has ${count}, there is no ${partition}`);
    }
    return found;
  }

  create(name: string, partitions: number, config: TopicConfig): Promise<void> {
    checkNewTopic(name, partitions, config);
    return this.#inTurn(() => this.#create(name, partitions, config));
  }

  async #create(name: string, partitions: number, config: TopicConfig): Promise<void> {
    if (this.#topics.has(name)) throw new MillraceError('TOPIC_EXISTS', `topic ${name} exists already`);
    await this.#removeFolders(name, partitions);
    const id = this.#catalog.get(COUNTER)?.id ?? 0;
    const stored = { id, partitions, config };
    const topic = await this.#open(name, stored);
    await this.#storage.syncDir(this.#directory);
    failpoint('log.topic.create.before');
    try {
      await this.#catalog.put([name, stored], [COUNTER, { id: id + 1, partitions: 0, config: {} }]);
    } catch (error) {
      for (const partition of topic.open) await partition.close();
      throw error;
    }
    this.#topics.set(name, topic);
  }

  delete(name: string): Promise<void> {
    return this.#inTurn(async () => {
      const topic = this.find(name);
      await this.#catalog.put([name, null]);
      this.#topics.delete(name);
      failpoint('log.topic.delete.after');
      for (const partition of topic.open) await partition.close();
      await this.#removeFolders(name, topic.partitions);
    });
  }

  async #removeFolders(name: string, partitions: number): Promise<void> {
    for (let i = 0; i < partitions; i++) await this.#storage.remove(`${this.#directory}/${name}-${i}`);
  }

  /** Changes of the catalog go one after the other. */
  #inTurn(change: () => Promise<void>): Promise<void> {
    const done = this.#lastChange.then(change);
    this.#lastChange = done.catch(() => undefined);
    return done;
  }
}
