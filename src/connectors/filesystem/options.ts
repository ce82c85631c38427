import { MillraceError } from '../../core/mod.ts';
import { type FormatName, formatOptionNames } from '../../formats/mod.ts';
import {
  durationMs,
  refuseMissingOptions,
  refuseUnknownOptions,
  type TableDeclaration,
  wrongOption,
} from '../../plan/mod.ts';

type Given = TableDeclaration['options'];

/** When a part file is complete. */
export interface RollingPolicy {
  readonly fileBytes: number;
  readonly rolloverMs: number;
  readonly inactivityMs: number;
}

/** What the WITH clause of a `filesystem` table says. */
export interface FilesystemOptions {
  /** A file, a folder, or a pattern of `*`, `?` and `**`. */
  readonly path: string;
  readonly format: FormatName;
  readonly formatOptions: Readonly<Record<string, string>>;
  /** Whole paths that are read; null for all. */
  readonly pattern: RegExp | null;
  /** How often the folder is looked at again; null to read what is there and end. */
  readonly monitorMs: number | null;
  /** How a NULL partition is called. */
  readonly defaultPartition: string;
  readonly rolling: RollingPolicy;
  /** The file that marks a partition as committed; null without `sink.partition-commit.policy.kind`. */
  readonly successFile: string | null;
  readonly commitDelayMs: number;
}

const KNOWN = [
  'connector',
  'format',
  'partition.default-name',
  'path',
  'sink.parallelism',
  'sink.partition-commit.delay',
  'sink.partition-commit.policy.kind',
  'sink.partition-commit.success-file.name',
  'sink.partition-commit.trigger',
  'sink.rolling-policy.check-interval',
  'sink.rolling-policy.file-size',
  'sink.rolling-policy.inactivity-interval',
  'sink.rolling-policy.rollover-interval',
  'source.monitor-interval',
  'source.path.regex-pattern',
];

/** What Flink's connector has and ours has not, refused by name. */
const REFUSED = [
  'auto-compaction',
  'compaction.file-size',
  'compaction.parallelism',
  'partition.time-extractor.class',
  'partition.time-extractor.kind',
  'partition.time-extractor.timestamp-formatter',
  'partition.time-extractor.timestamp-pattern',
  'sink.partition-commit.policy.class',
  'sink.partition-commit.policy.class.parameters',
  'sink.partition-commit.watermark-time-zone',
  'sink.shuffle-by-partition.enable',
  'source.report-statistics',
];

/** Reads and checks the options; what is unknown or wrong is refused in Flink's words. */
export function filesystemOptions(table: TableDeclaration): FilesystemOptions {
  const given = table.options;
  refuseMissingOptions(given, ['path', 'format']);
  const format = formatOf(given['format']!);
  const own = Object.entries(given).filter(([name]) => name.startsWith(`${format}.`));
  const refused = REFUSED.filter(name => given[name] !== undefined);
  const trigger = given['sink.partition-commit.trigger'] ?? 'process-time';
  if (trigger === 'partition-time') refused.push("sink.partition-commit.trigger' = 'partition-time");
  if (refused.length > 0) {
    throw new MillraceError(
      'SQL_UNSUPPORTED',
      `not supported yet: ${refused.map(name => `'${name}'`).join(', ')}`,
    );
  }
  if (trigger !== 'process-time') throw wrongOption('sink.partition-commit.trigger', trigger, 'process-time');
  const formats = formatOptionNames(format).map(name => `${format}.${name}`);
  refuseUnknownOptions('filesystem', given, [...KNOWN, ...formats]);
  const regex = given['source.path.regex-pattern'];
  const monitor = given['source.monitor-interval'];
  return {
    path: given['path']!.replace(/^file:(\/\/)?(?=\/)/, ''),
    format,
    formatOptions: Object.fromEntries(own.map(([name, value]) => [name.slice(format.length + 1), value])),
    pattern: regex === undefined ? null : new RegExp(`^(?:${regex})$`),
    monitorMs: monitor === undefined ? null : duration(given, 'source.monitor-interval', 0),
    defaultPartition: given['partition.default-name'] ?? '__DEFAULT_PARTITION__',
    rolling: {
      fileBytes: memorySize(given, 'sink.rolling-policy.file-size', 128 << 20),
      rolloverMs: duration(given, 'sink.rolling-policy.rollover-interval', 30 * 60_000),
      inactivityMs: duration(given, 'sink.rolling-policy.inactivity-interval', 30 * 60_000),
    },
    successFile: successFile(given),
    commitDelayMs: duration(given, 'sink.partition-commit.delay', 0),
  };
}

const LINES: readonly string[] = ['json', 'csv', 'raw', 'debezium-json'];

function formatOf(name: string): FormatName {
  if (LINES.includes(name)) return name as FormatName;
  throw new MillraceError(
    'SQL_INVALID',
    `Could not find any format factory for identifier '${name}' that makes lines of files: there are ` +
      `${LINES.join(', ')}.`,
  );
}

function successFile(given: Given): string | null {
  const kinds = (given['sink.partition-commit.policy.kind'] ?? '').split(',').filter(kind => kind !== '');
  const unknown = kinds.find(kind => kind !== 'success-file');
  if (unknown !== undefined) {
    throw new MillraceError(
      'SQL_UNSUPPORTED',
      `not supported yet: 'sink.partition-commit.policy.kind' = '${unknown}'; there is success-file`,
    );
  }
  return kinds.length === 0 ? null : (given['sink.partition-commit.success-file.name'] ?? '_SUCCESS');
}

function duration(given: Given, name: string, otherwise: number): number {
  const text = given[name];
  if (text === undefined) return otherwise;
  if (!/^\d+\s*[a-z]*$/.test(text.trim())) throw wrongOption(name, text, "a duration such as '5 min'");
  return durationMs(text.trim());
}

const UNITS: Readonly<Record<string, number>> = {
  ...{ '': 1, b: 1, bytes: 1, k: 2 ** 10, kb: 2 ** 10, kibibytes: 2 ** 10 },
  ...{ m: 2 ** 20, mb: 2 ** 20, mebibytes: 2 ** 20, g: 2 ** 30, gb: 2 ** 30, gibibytes: 2 ** 30 },
};

function memorySize(given: Given, name: string, otherwise: number): number {
  const text = given[name];
  if (text === undefined) return otherwise;
  const [, count, unit = ''] = /^(\d+)\s*([a-z]*)$/.exec(text.trim().toLowerCase()) ?? [];
  const factor = UNITS[unit];
  if (count === undefined || factor === undefined) throw wrongOption(name, text, "a size such as '128MB'");
  return Number(count) * factor;
}
