import type { CompressionName } from './codec/mod.ts';
import type { TopicConfig } from './log.ts';
import { TOPIC_KEYS } from './topic-config-keys.ts';

/** What holds for every topic that does not say otherwise, and for the log as a whole. */
export interface LogSettings {
  /**
   * `ack`: fdatasync before the acknowledgement, shared by all who wait. `interval`: every
   * `flushIntervalMs`.
   */
  readonly flush: 'ack' | 'interval';
  readonly flushIntervalMs: number;
  readonly segmentBytes: number;
  readonly segmentMs: number;
  /** -1: never by age. */
  readonly retentionMs: number;
  /** -1: never by size. */
  readonly retentionBytes: number;
  readonly retentionCheckIntervalMs: number;
  readonly maxMessageBytes: number;
  /** Bytes that share one write and flush at most. */
  readonly groupBytesMax: number;
  /** Bytes after which producers, transactions and indexes are stored, so that less is read after a crash. */
  readonly snapshotIntervalBytes: number;
  /** A client's idempotent producer is forgotten when it has not written for so long. */
  readonly producerIdExpirationMs: number;
}

/** What holds for one topic. */
export interface TopicSettings extends LogSettings {
  /** Null where `cleanup.policy` has no `compact`. */
  readonly compaction: CompactionSettings | null;
  /** False where `cleanup.policy` has no `delete`. */
  readonly isDeleted: boolean;
  readonly timestampType: 'CreateTime' | 'LogAppendTime';
  readonly timestampBeforeMaxMs: number;
  readonly timestampAfterMaxMs: number;
  /** `producer`: as it was sent. */
  readonly compression: 'producer' | CompressionName;
  /** Of `compression`; undefined: the codec's own. */
  readonly compressionLevel: number | undefined;
  readonly minInsyncReplicas: number;
}

export interface CompactionSettings {
  readonly minLagMs: number;
  readonly maxLagMs: number;
  readonly deleteRetentionMs: number;
  readonly minDirtyRatio: number;
}

/** Kafka's defaults where Kafka has the setting. */
export const DEFAULT_LOG_SETTINGS: LogSettings = {
  flush: 'ack',
  flushIntervalMs: 1_000,
  segmentBytes: 1 << 30,
  segmentMs: 7 * 24 * 3_600_000,
  retentionMs: 7 * 24 * 3_600_000,
  retentionBytes: -1,
  retentionCheckIntervalMs: 300_000,
  maxMessageBytes: 1_048_588,
  groupBytesMax: 16 << 20,
  snapshotIntervalBytes: 64 << 20,
  producerIdExpirationMs: 86_400_000,
};

/** The settings as they hold for one topic. */
export function settingsFor(settings: LogSettings, config: TopicConfig): TopicSettings {
  const policy = config['cleanup.policy'] ?? 'delete';
  const isDeleted = policy.includes('delete');
  const compression = config['compression.type'] ?? 'producer';
  return {
    ...settings,
    segmentBytes: config['segment.bytes'] ?? settings.segmentBytes,
    segmentMs: config['segment.ms'] ?? settings.segmentMs,
    retentionMs: isDeleted ? (config['retention.ms'] ?? settings.retentionMs) : -1,
    retentionBytes: isDeleted ? (config['retention.bytes'] ?? settings.retentionBytes) : -1,
    maxMessageBytes: config['max.message.bytes'] ?? settings.maxMessageBytes,
    compaction: policy.includes('compact') ? compactionOf(config) : null,
    isDeleted,
    timestampType: config['message.timestamp.type'] ?? 'CreateTime',
    timestampBeforeMaxMs: numberOf(config, 'message.timestamp.before.max.ms'),
    timestampAfterMaxMs: numberOf(config, 'message.timestamp.after.max.ms'),
    compression: compression === 'uncompressed' ? 'none' : compression,
    compressionLevel: levelOf(config, compression),
    minInsyncReplicas: numberOf(config, 'min.insync.replicas'),
  };
}

function compactionOf(config: TopicConfig): CompactionSettings {
  return {
    minLagMs: numberOf(config, 'min.compaction.lag.ms'),
    maxLagMs: numberOf(config, 'max.compaction.lag.ms'),
    deleteRetentionMs: numberOf(config, 'delete.retention.ms'),
    minDirtyRatio: numberOf(config, 'min.cleanable.dirty.ratio'),
  };
}

/** What is set, else Kafka's default. */
function numberOf(config: TopicConfig, name: keyof TopicConfig): number {
  return Math.min(Number(config[name] ?? TOPIC_KEYS[name]?.fallback), Number.MAX_SAFE_INTEGER);
}

function levelOf(config: TopicConfig, compression: string): number | undefined {
  if (compression === 'gzip') return config['compression.gzip.level'];
  if (compression === 'lz4') return config['compression.lz4.level'];
  return compression === 'zstd' ? config['compression.zstd.level'] : undefined;
}
