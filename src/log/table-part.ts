import type { LogTable } from './broker.ts';
import type { TableTopic } from './table-topic.ts';

/**
 * The keys of a table topic that begin with a prefix and with none of `others`, without the prefix. Who writes
 * under a prefix writes values of one kind only.
 */
export function tablePart<V>(
  topic: TableTopic<unknown>,
  prefix: string,
  others: readonly string[] = [],
): LogTable<V> {
  const isMine = (key: string): boolean =>
    key.startsWith(prefix) && !others.some(other => key.startsWith(other));
  return {
    get: key => topic.get(prefix + key) as V | undefined,
    *entries() {
      for (const [key, value] of topic.entries()) {
        if (isMine(key)) yield [key.slice(prefix.length), value as V];
      }
    },
    put: (...changes) => topic.put(...changes.map(([key, value]) => [prefix + key, value] as const)),
  };
}
