/** GET /api/topics, an element. */
export interface Topic {
  readonly name: string;
  readonly internal: boolean;
  readonly replicationFactor: number;
  readonly config: Readonly<Record<string, string | number>>;
  readonly cleanupPolicy: string | null;
  readonly retentionMs: number | null;
  /** Null where a partition does not tell: it has no leader. */
  readonly records: number | null;
  readonly sizeBytes: number | null;
  readonly rates: {
    readonly recordsInPerS: number | null;
    readonly recordsOutPerS: number | null;
    readonly bytesInPerS: number | null;
    readonly bytesOutPerS: number | null;
  };
  readonly partitions: readonly Partition[];
}

export interface Partition {
  readonly partition: number;
  readonly logStartOffset: number | null;
  readonly logEndOffset: number | null;
  readonly highWatermark: number | null;
  readonly lastStableOffset: number | null;
  readonly sizeBytes: number | null;
}

/** What a list of topics can be sorted by. */
export const TOPIC_SORTS = ['name', 'partitions', 'records', 'size', 'in', 'out'] as const;
export type TopicSort = (typeof TOPIC_SORTS)[number];

const FIGURES: Readonly<Record<Exclude<TopicSort, 'name'>, (topic: Topic) => number | null>> = {
  partitions: topic => topic.partitions.length,
  records: topic => topic.records,
  size: topic => topic.sizeBytes,
  in: topic => topic.rates.recordsInPerS,
  out: topic => topic.rates.recordsOutPerS,
};

/** What a sort is written as in the address: `records` from small to large, `-records` from large to small. */
export interface SortOrder {
  readonly by: TopicSort;
  readonly descending: boolean;
}

/** The order an address asks for; by name where it asks for none. */
export function readSort(text: string | null): SortOrder {
  const descending = text?.startsWith('-') ?? false;
  const by = TOPIC_SORTS.find(known => known === (descending ? text?.slice(1) : text));
  return by === undefined ? { by: 'name', descending: false } : { by, descending };
}

/** The next order when a column's head is pressed: figures begin with the largest, names with A. */
export function pressedSort(now: SortOrder, column: TopicSort): string | null {
  const first = column === 'name' ? 'name' : `-${column}`;
  if (now.by !== column) return first === 'name' ? null : first;
  const descending = !now.descending;
  return column === 'name' && !descending ? null : `${descending ? '-' : ''}${column}`;
}

/** The topics to list, in order: those whose name holds every word of the filter. The unknown comes last. */
export function listTopics(
  topics: readonly Topic[],
  filter: string,
  internal: boolean,
  sort: SortOrder,
): Topic[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = topics.filter(
    topic => (internal || !topic.internal) && words.every(word => topic.name.toLowerCase().includes(word)),
  );
  const sign = sort.descending ? -1 : 1;
  const byName = (a: Topic, b: Topic): number => a.name.localeCompare(b.name);
  if (sort.by === 'name') return shown.sort((a, b) => sign * byName(a, b));
  const figure = FIGURES[sort.by];
  return shown.sort((a, b) => {
    const [left, right] = [figure(a), figure(b)];
    if (left === null || right === null)
      return Number(left === null) - Number(right === null) || byName(a, b);
    return sign * (left - right) || byName(a, b);
  });
}

export interface TopicTotals {
  readonly topics: number;
  readonly internal: number;
  readonly partitions: number;
  readonly records: number | null;
  readonly sizeBytes: number | null;
  readonly recordsInPerS: number | null;
  readonly recordsOutPerS: number | null;
}

/** Over all topics, the internal ones too; a figure that is known of none is not known. */
export function totalsOf(topics: readonly Topic[]): TopicTotals {
  const internal = topics.filter(topic => topic.internal).length;
  return {
    ...{ topics: topics.length - internal, internal },
    partitions: topics.reduce((sum, topic) => sum + topic.partitions.length, 0),
    records: topics.length === 0 ? 0 : sumKnown(topics.map(topic => topic.records)),
    sizeBytes: sumKnown(topics.map(topic => topic.sizeBytes)),
    recordsInPerS: sumKnown(topics.map(topic => topic.rates.recordsInPerS)),
    recordsOutPerS: sumKnown(topics.map(topic => topic.rates.recordsOutPerS)),
  };
}

function sumKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter(value => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

/** GET /api/topics/…/config, an element. */
export interface Setting {
  readonly name: string;
  readonly value: string | null;
  readonly source: string;
  readonly readOnly: boolean;
  readonly type: string;
  readonly documentation: string | null;
}

/** True where a setting was given to this topic and is not what the log gives every topic. */
export const isOwnSetting = (setting: Setting): boolean => setting.source === 'DYNAMIC_TOPIC_CONFIG';

const SOURCES: Readonly<Record<string, string>> = {
  DYNAMIC_TOPIC_CONFIG: 'set here',
  DYNAMIC_BROKER_CONFIG: 'from the broker',
  DYNAMIC_DEFAULT_BROKER_CONFIG: 'from the cluster',
  STATIC_BROKER_CONFIG: 'from the broker',
  DEFAULT_CONFIG: 'default',
};
export const sourceText = (source: string): string => SOURCES[source] ?? 'not known';

const UNITS = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1000, 'second'],
] as const;

/** "7 days", "90 minutes", "for ever". */
export function timeSpan(ms: number): string {
  if (ms < 0 || ms >= Number.MAX_SAFE_INTEGER) return 'for ever';
  for (const [unitMs, name] of UNITS) {
    if (ms >= unitMs && ms % unitMs === 0) return `${ms / unitMs} ${name}${ms === unitMs ? '' : 's'}`;
  }
  return `${ms} ms`;
}

/** What a setting's value means, for those that are numbers of something; null where the value says it. */
export function settingMeaning(name: string, value: string | null): string | null {
  if (value === null || !/^-?\d+$/.test(value)) return null;
  const number = Number(value);
  if (name.endsWith('.ms')) return timeSpan(number);
  if (!name.endsWith('.bytes')) return null;
  return number < 0 ? 'without limit' : byteText(number);
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** "512 B", "3.4 MB", "120 GB": three figures, units of a thousand. */
export function byteText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${BYTE_UNITS[unit]}`;
}
