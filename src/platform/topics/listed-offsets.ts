import { type Clock, MillraceError } from '../../core/mod.ts';
import type { Log, PartitionOffsets, TopicPartition } from '../../log/mod.ts';

/** Nobody waits longer for a list because of one partition. */
const PATIENCE_MS = 3000;

/**
 * Offsets of partitions as lists show them. A partition of a cluster may have no leader for a long time: the
 * log goes on looking for one, lists show what they know meanwhile.
 */
export class ListedOffsets {
  readonly #clock: Clock;
  /** Partitions for which somebody waited in vain, as long as the log has not answered. */
  readonly #late = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Null where nobody tells them now, undefined where the topic or the partition is gone. */
  async of(log: Log, at: TopicPartition): Promise<PartitionOffsets | null | undefined> {
    const key = `${at.topic}/${at.partition}`;
    // Whoever looks every other second neither waits nor asks again each time.
    if (this.#late.has(key)) return null;
    const asked = log.offsets(at).catch(nullWhenAway);
    const answered = new AbortController();
    const late = this.#clock.sleep(PATIENCE_MS, answered.signal).then(
      () => this.#isLate(key, asked),
      () => null,
    );
    try {
      return await Promise.race([asked, late]);
    } catch (error) {
      if (error instanceof MillraceError && error.code === 'UNKNOWN_TOPIC') return undefined;
      throw error;
    } finally {
      answered.abort();
    }
  }

  #isLate(key: string, asked: Promise<unknown>): null {
    const forget = (): boolean => this.#late.delete(key);
    this.#late.add(key);
    asked.then(forget, forget);
    return null;
  }
}

function nullWhenAway(error: unknown): null {
  if (error instanceof MillraceError && error.code === 'LOG_UNREACHABLE') return null;
  throw error;
}
