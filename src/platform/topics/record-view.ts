import type { LogRecord } from '../../log/mod.ts';

/**
 * Bytes as people read them: text where they are UTF-8, else base64; at most so many of them. `bytes` is how
 * many there are, `cut` says that not all are here.
 */
export interface BytesView {
  readonly text?: string;
  readonly base64?: string;
  readonly bytes: number;
  readonly cut: boolean;
}

/** What is stored around a record: batches are what is compressed. */
export interface BatchView {
  readonly baseOffset: number;
  readonly records: number;
  /** On disk, its head included. */
  readonly bytes: number;
  readonly compression: string;
}

/** A record as the console and its API show it. */
export interface RecordView {
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key: BytesView | null;
  readonly value: BytesView | null;
  /** A name may come more than once. */
  readonly headers: readonly { readonly key: string; readonly value: BytesView | null }[];
  readonly batch: BatchView | null;
}

/** Shows a record, with at most `bytesMax` of its key, its value and each of its headers. */
export function recordView(
  partition: number,
  record: LogRecord,
  batch: BatchView | null,
  bytesMax: number,
): RecordView {
  const { offset, timestampMs, key, value, headers } = record;
  return {
    ...{ partition, offset, timestamp: timestampMs, batch },
    key: bytesView(key, bytesMax),
    value: bytesView(value, bytesMax),
    headers: headers.map(header => ({ key: header.key, value: bytesView(header.value, bytesMax) })),
  };
}

/** Shows bytes, at most `bytesMax` of them; a character that the cut would go through is left out. */
export function bytesView(value: Uint8Array | null, bytesMax: number): BytesView | null {
  if (value === null) return null;
  const cut = value.length > bytesMax;
  const shown = cut ? value.subarray(0, bytesMax) : value;
  const sizes = { bytes: value.length, cut };
  try {
    const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    return { text: utf8.decode(shown, { stream: cut }), ...sizes };
  } catch {
    return { base64: Buffer.from(shown).toString('base64'), ...sizes };
  }
}
