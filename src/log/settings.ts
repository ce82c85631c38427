import type { TopicConfig } from './log.ts';

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
};

/** The settings as they hold for one topic. */
export function settingsFor(settings: LogSettings, config: TopicConfig): LogSettings {
  const compactOnly = config['cleanup.policy'] === 'compact';
  return {
    ...settings,
    segmentBytes: config['segment.bytes'] ?? settings.segmentBytes,
    segmentMs: config['segment.ms'] ?? settings.segmentMs,
    retentionMs: compactOnly ? -1 : (config['retention.ms'] ?? settings.retentionMs),
    retentionBytes: compactOnly ? -1 : (config['retention.bytes'] ?? settings.retentionBytes),
    maxMessageBytes: config['max.message.bytes'] ?? settings.maxMessageBytes,
  };
}
