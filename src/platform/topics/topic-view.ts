import type { Clock } from '../../core/mod.ts';
import { MillraceError } from '../../core/mod.ts';
import type { ConfigEntry, Log, PartitionOffsets, TopicConfig, TopicTraffic } from '../../log/mod.ts';
import { ListedOffsets } from './listed-offsets.ts';
import { TopicRates, type TrafficCounters, type TrafficRates } from './traffic-rates.ts';

/** The offsets are null where nobody tells them now: the partition has no leader. */
export type PartitionView = { readonly [K in keyof PartitionOffsets]: number | null } & {
  readonly partition: number;
  /** On disk; null where the log does not tell. */
  readonly sizeBytes: number | null;
};

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
  /** Records and markers between start and end, over all partitions; null where one does not tell. */
  readonly records: number | null;
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
  readonly #offsets: ListedOffsets;

  constructor(log: () => Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
    this.#offsets = new ListedOffsets(clock);
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

  /** Undefined where the topic is not there any more. */
  async #allOffsets(
    log: Log,
    { name: topic, partitions }: KnownTopic,
  ): Promise<readonly (PartitionOffsets | null)[] | undefined> {
    const numbers = Array.from({ length: partitions }, (_, partition) => partition);
    const asked = numbers.map(partition => this.#offsets.of(log, { topic, partition }));
    const found = (await Promise.all(asked)).flatMap(at => (at === undefined ? [] : [at]));
    return found.length < partitions ? undefined : found;
  }

  async #views(listed: readonly KnownTopic[]): Promise<readonly TopicView[]> {
    const log = this.#log();
    const names = listed.map(topic => topic.name);
    const [asked, sizes, traffic, configs] = await Promise.all([
      Promise.all(listed.map(topic => this.#allOffsets(log, topic))),
      log.admin?.sizes(),
      log.admin?.traffic(),
      log.admin?.describeConfigs(names) ?? storedConfigs(log),
    ]);
    // Topics that were deleted since they were listed are left out.
    const found = listed.flatMap((topic, i) => {
      const offsets = asked[i];
      return offsets === undefined ? [] : [{ topic, offsets }];
    });
    const ends = new Map(
      found.map(({ topic, offsets }) => [topic.name, sumOf(offsets, at => at.logEndOffset)]),
    );
    const rateOf = this.#rates.update(countersOf(ends, traffic ?? null), this.#clock.monotonicMs());
    return found.map(({ topic, offsets }) => {
      const size = sizes?.get(topic.name);
      const partitions = offsets.map((at, partition) => ({
        ...{ partition, ...(at ?? UNKNOWN), sizeBytes: size?.[partition] ?? null },
      }));
      return {
        ...{ name: topic.name, internal: topic.internal, replicationFactor: topic.replicationFactor },
        ...configView(configs.get(topic.name) ?? []),
        records: sumOf(offsets, at => at.logEndOffset - at.logStartOffset),
        sizeBytes: size === undefined ? null : size.reduce((sum, bytes) => sum + bytes, 0),
        ...{ rates: rateOf(topic.name), partitions },
      };
    });
  }
}

const UNKNOWN = { logStartOffset: null, logEndOffset: null, highWatermark: null, lastStableOffset: null };

/** Over all partitions; null where one does not tell. */
function sumOf(
  offsets: readonly (PartitionOffsets | null)[],
  figure: (at: PartitionOffsets) => number,
): number | null {
  let sum = 0;
  for (const at of offsets) {
    if (at === null) return null;
    sum += figure(at);
  }
  return sum;
}

/** What is appended counts by the ends of the partitions where the log counts no traffic. */
function countersOf(
  ends: ReadonlyMap<string, number | null>,
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
