import type { Clock } from '../../core/mod.ts';
import { MillraceError } from '../../core/mod.ts';
import type { ConfigEntry, Log, PartitionOffsets, TopicConfig, TopicTraffic } from '../../log/mod.ts';
import { TopicRates, type TrafficCounters, type TrafficRates } from './traffic-rates.ts';

export interface PartitionView extends PartitionOffsets {
  readonly partition: number;
  /** On disk; null where the log does not tell. */
  readonly sizeBytes: number | null;
}

/** A topic as lists show it. */
export interface TopicView {
  readonly name: string;
  readonly internal: boolean;
  readonly replicationFactor: number;
  /** What was set for this topic; everything else has the log's default. */
  readonly config: TopicConfig;
  readonly cleanupPolicy: string | null;
  /** Null where the log does not tell, -1 for ever. */
  readonly retentionMs: number | null;
  /** Records and markers between start and end, over all partitions. */
  readonly records: number;
  readonly sizeBytes: number | null;
  readonly rates: TrafficRates;
  readonly partitions: readonly PartitionView[];
}

interface KnownTopic {
  readonly name: string;
  readonly partitions: number;
  readonly internal: boolean;
  readonly replicationFactor: number;
}

/** Topics with everything the log tells about them; rates are measured from look to look. */
export class TopicViews {
  readonly #log: () => Log;
  readonly #clock: Clock;
  readonly #rates = new TopicRates();

  constructor(log: () => Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** UNKNOWN_TOPIC names those there are. */
  async known(name: string): Promise<KnownTopic> {
    const topics = await this.#known();
    const found = topics.find(topic => topic.name === name);
    if (found !== undefined) return found;
    const names = topics.filter(topic => !topic.internal).map(topic => topic.name);
    throw new MillraceError('UNKNOWN_TOPIC', `no topic ${name}; there are ${names.join(', ') || 'none'}.`);
  }

  async #known(): Promise<readonly KnownTopic[]> {
    const log = this.#log();
    if (log.admin !== undefined) return log.admin.listTopics();
    const topics = await log.topics();
    return topics.map(({ name, partitions }) => ({
      name,
      partitions,
      internal: false,
      replicationFactor: 1,
    }));
  }

  async all(): Promise<readonly TopicView[]> {
    return this.#views(await this.#known());
  }

  async one(name: string): Promise<TopicView> {
    const [view] = await this.#views([await this.known(name)]);
    if (view === undefined) throw new MillraceError('UNKNOWN_TOPIC', `topic ${name} was deleted just now.`);
    return view;
  }

  async #views(listed: readonly KnownTopic[]): Promise<readonly TopicView[]> {
    const log = this.#log();
    const names = listed.map(topic => topic.name);
    const [asked, sizes, traffic, configs] = await Promise.all([
      Promise.all(listed.map(topic => allOffsets(log, topic))),
      log.admin?.sizes(),
      log.admin?.traffic(),
      log.admin?.describeConfigs(names) ?? storedConfigs(log),
    ]);
    // Topics that were deleted since they were listed are left out.
    const found = listed.flatMap((topic, i) => {
      const offsets = asked[i];
      return offsets === undefined ? [] : [{ topic, offsets }];
    });
    const ends = new Map(found.map(({ topic, offsets }) => [topic.name, endOf(offsets)]));
    const rateOf = this.#rates.update(countersOf(ends, traffic ?? null), this.#clock.monotonicMs());
    return found.map(({ topic, offsets }) => {
      const size = sizes?.get(topic.name);
      const partitions = offsets.map((at, partition) => ({
        ...{ partition, ...at, sizeBytes: size?.[partition] ?? null },
      }));
      return {
        ...{ name: topic.name, internal: topic.internal, replicationFactor: topic.replicationFactor },
        ...configView(configs.get(topic.name) ?? []),
        records: partitions.reduce((sum, p) => sum + p.logEndOffset - p.logStartOffset, 0),
        sizeBytes: size === undefined ? null : size.reduce((sum, bytes) => sum + bytes, 0),
        ...{ rates: rateOf(topic.name), partitions },
      };
    });
  }
}

/** Undefined where the topic is not there any more. */
async function allOffsets(
  log: Log,
  { name, partitions }: KnownTopic,
): Promise<readonly PartitionOffsets[] | undefined> {
  const numbers = Array.from({ length: partitions }, (_, partition) => partition);
  try {
    return await Promise.all(numbers.map(partition => log.offsets({ topic: name, partition })));
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'UNKNOWN_TOPIC') return undefined;
    throw error;
  }
}

const endOf = (offsets: readonly PartitionOffsets[]): number =>
  offsets.reduce((sum, partition) => sum + partition.logEndOffset, 0);

/** What is appended counts by the ends of the partitions where the log counts no traffic. */
function countersOf(
  ends: ReadonlyMap<string, number>,
  traffic: ReadonlyMap<string, TopicTraffic> | null,
): ReadonlyMap<string, TrafficCounters> {
  return new Map(
    Array.from(ends, ([name, end]) => {
      const counted = traffic?.get(name);
      return [
        name,
        {
          recordsIn: end,
          recordsOut: counted?.recordsRead ?? null,
          bytesIn: counted?.bytesAppended ?? null,
          bytesOut: counted?.bytesRead ?? null,
        },
      ];
    }),
  );
}

async function storedConfigs(log: Log): Promise<ReadonlyMap<string, readonly ConfigEntry[]>> {
  return new Map(
    (await log.topics()).map(({ name, config }) => [
      name,
      Object.entries(config).map(([setting, value]) => ({
        ...{ name: setting, value: String(value), source: 'DYNAMIC_TOPIC_CONFIG' as const },
        ...{ readOnly: false, type: 'STRING' as const, documentation: null },
      })),
    ]),
  );
}

function configView(
  entries: readonly ConfigEntry[],
): Pick<TopicView, 'config' | 'cleanupPolicy' | 'retentionMs'> {
  const value = (name: string): string | null => entries.find(entry => entry.name === name)?.value ?? null;
  const own = entries.filter(entry => entry.source === 'DYNAMIC_TOPIC_CONFIG');
  const retention = value('retention.ms');
  return {
    config: Object.fromEntries(own.map(({ name, value }) => [name, asNumber(value)])) as TopicConfig,
    cleanupPolicy: value('cleanup.policy'),
    retentionMs: retention === null ? null : Number(retention),
  };
}

function asNumber(value: string | null): string | number | null {
  return value !== null && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
}
