import { failpoint, MillraceError } from '../core/mod.ts';
import type { TopicInfo } from './broker.ts';
import type { TopicConfig, TopicDescription } from './log.ts';
import type { Partition } from './partition/partition.ts';
import { Refusal } from './refusal.ts';
import type { Storage } from './storage/storage.ts';
import type { TableTopic } from './table-topic.ts';
import { checkedTexts, checkNewTopic, type TopicTexts, typedConfig } from './topic-config.ts';
import { checkPartitions, isOwnName } from './topic-rules.ts';
import { freshUuid } from './uuid.ts';

/** What is stored of a topic. `id` differs when a topic is made again under the same name. */
export interface StoredTopic {
  readonly id: number;
  /** Left out in what older versions stored, as the next. */
  readonly uuid?: string;
  /** True when it was ever compacted: its offsets may have gaps for good. */
  readonly wasCompacted?: boolean;
  readonly partitions: number;
  /** Kafka's texts; numbers in what older versions stored. */
  readonly config: Readonly<Record<string, string | number>>;
}

export interface OpenTopic {
  readonly id: number;
  readonly uuid: string;
  readonly wasCompacted: boolean;
  readonly name: string;
  readonly texts: TopicTexts;
  readonly config: TopicConfig;
  readonly open: readonly Partition[];
}

/** How the topics get at their partitions. */
export interface PartitionOpener {
  open(topic: string, partition: number, config: TopicConfig, mayHaveGaps: boolean): Promise<Partition>;
  configure(partition: Partition, config: TopicConfig): void;
  /** It is closed and gone. */
  forget(partition: Partition): void;
}

/** Holds the next free topic id; no topic can have this name. */
const COUNTER = '*';

/** The topics of the log. The catalog topic says which exist: a folder without an entry is a left-over. */
export class Topics {
  readonly #storage: Storage;
  readonly #directory: string;
  readonly #catalog: TableTopic<StoredTopic>;
  readonly #opener: PartitionOpener;
  readonly #topics = new Map<string, OpenTopic>();
  readonly #byUuid = new Map<string, OpenTopic>();
  #lastChange: Promise<unknown> = Promise.resolve();

  constructor(
    storage: Storage,
    directory: string,
    catalog: TableTopic<StoredTopic>,
    opener: PartitionOpener,
  ) {
    this.#storage = storage;
    this.#directory = directory;
    this.#catalog = catalog;
    this.#opener = opener;
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
    for (const [name, stored] of [...this.#catalog.entries()]) {
      if (name !== COUNTER) this.#keep(await this.#open(name, stored));
    }
    for (const topic of this.#topics.values()) {
      if (this.#catalog.get(topic.name)?.uuid === undefined) await this.#store(topic);
    }
  }

  async #open(name: string, stored: StoredTopic): Promise<OpenTopic> {
    const texts = checkedTexts(stored.config);
    const config = typedConfig(texts);
    const compacts = config['cleanup.policy']?.includes('compact') ?? false;
    const wasCompacted = compacts || (stored.wasCompacted ?? false);
    const open: Partition[] = [];
    for (let i = 0; i < stored.partitions; i++) {
      open.push(await this.#opener.open(name, i, config, wasCompacted));
    }
    return { id: stored.id, uuid: stored.uuid ?? freshUuid(), wasCompacted, name, texts, config, open };
  }

  #keep(topic: OpenTopic): void {
    this.#topics.set(topic.name, topic);
    this.#byUuid.set(topic.uuid, topic);
  }

  #store(topic: OpenTopic): Promise<void> {
    return this.#catalog.put([topic.name, storedOf(topic)]);
  }

  all(): Iterable<OpenTopic> {
    return this.#topics.values();
  }

  describe(name: string): TopicDescription | undefined {
    const topic = this.#topics.get(name);
    return topic && { name, partitions: topic.open.length, config: topic.config };
  }

  byUuid(uuid: string): OpenTopic | undefined {
    return this.#byUuid.get(uuid);
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
    const { open } = this.find(name);
    const found = open[partition];
    if (found === undefined) {
      const count = `${open.length} partition${open.length === 1 ? '' : 's'}`;
      throw new MillraceError('UNKNOWN_TOPIC', `topic ${name} has ${count}, there is no ${partition}`);
    }
    return found;
  }

  /** Refuses what `create` would refuse; answers the settings as they would be stored. */
  checkNew(name: string, partitions: number, config: Readonly<Record<string, unknown>>): TopicTexts {
    const texts = checkNewTopic(name, partitions, config);
    if (this.#topics.has(name)) throw new MillraceError('TOPIC_EXISTS', `topic ${name} exists already`);
    return texts;
  }

  async create(name: string, partitions: number, config: Readonly<Record<string, unknown>>): Promise<void> {
    this.checkNew(name, partitions, config);
    await this.#inTurn(() => this.#create(name, partitions, this.checkNew(name, partitions, config)));
  }

  async #create(name: string, partitions: number, config: TopicTexts): Promise<void> {
    await this.#removeFolders(name, 0, partitions);
    const id = this.#catalog.get(COUNTER)?.id ?? 0;
    const topic = await this.#open(name, { id, partitions, config });
    await this.#storage.syncDir(this.#directory);
    failpoint('log.topic.create.before');
    try {
      const counter: StoredTopic = { id: id + 1, partitions: 0, config: {} };
      await this.#catalog.put([name, storedOf(topic)], [COUNTER, counter]);
    } catch (error) {
      await this.#close(topic.open);
      throw error;
    }
    this.#keep(topic);
  }

  delete(name: string): Promise<void> {
    return this.#inTurn(async () => {
      const topic = this.find(name);
      await this.#catalog.put([name, null]);
      this.#topics.delete(name);
      this.#byUuid.delete(topic.uuid);
      failpoint('log.topic.delete.after');
      await this.#close(topic.open, false);
      await this.#removeFolders(name, 0, topic.open.length);
    });
  }

  async #close(partitions: readonly Partition[], isKept = true): Promise<void> {
    for (const partition of partitions) {
      await partition.close(isKept);
      this.#opener.forget(partition);
    }
  }

  /** INVALID_PARTITIONS where the topic has as many already. */
  checkGrowth(name: string, total: number): void {
    const { open } = this.find(name);
    checkPartitions(name, total);
    if (total > open.length) return;
    throw new Refusal(
      'INVALID_PARTITIONS',
      `topic ${name} has ${open.length} partitions, which can't be made ${total}: only more`,
    );
  }

  grow(name: string, total: number): Promise<void> {
    return this.#inTurn(async () => {
      this.checkGrowth(name, total);
      const topic = this.find(name);
      await this.#removeFolders(name, topic.open.length, total);
      const added: Partition[] = [];
      try {
        for (let i = topic.open.length; i < total; i++) {
          added.push(await this.#opener.open(name, i, topic.config, topic.wasCompacted));
        }
        await this.#storage.syncDir(this.#directory);
        failpoint('log.topic.grow.before');
        const grown = { ...topic, open: [...topic.open, ...added] };
        await this.#store(grown);
        this.#keep(grown);
      } catch (error) {
        await this.#close(added);
        throw error;
      }
    });
  }

  /** Give a topic the settings that `change` makes of its present ones; they hold when it resolves. */
  configure(name: string, change: (before: TopicTexts) => TopicTexts): Promise<void> {
    return this.#inTurn(async () => {
      const topic = this.find(name);
      const texts = change(topic.texts);
      const config = typedConfig(texts);
      const compacts = config['cleanup.policy']?.includes('compact') ?? false;
      const changed = { ...topic, texts, config, wasCompacted: topic.wasCompacted || compacts };
      await this.#store(changed);
      this.#keep(changed);
      for (const partition of topic.open) this.#opener.configure(partition, config);
    });
  }

  async #removeFolders(name: string, from: number, to: number): Promise<void> {
    for (let i = from; i < to; i++) await this.#storage.remove(`${this.#directory}/${name}-${i}`);
  }

  /** Changes of the catalog go one after the other. */
  #inTurn(change: () => Promise<void>): Promise<void> {
    const done = this.#lastChange.then(change);
    this.#lastChange = done.catch(() => undefined);
    return done;
  }
}

function storedOf({ id, uuid, wasCompacted, open, texts }: OpenTopic): StoredTopic {
  return { id, uuid, wasCompacted, partitions: open.length, config: texts };
}

/** As clients of Kafka's protocol see it. */
export function infoOf(topic: OpenTopic): TopicInfo {
  const { name, uuid, open, texts } = topic;
  return { name, id: uuid, partitions: open.length, config: texts, internal: false };
}
