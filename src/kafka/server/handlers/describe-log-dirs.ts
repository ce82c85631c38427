import { DESCRIBE_LOG_DIRS } from '../../messages/describe-log-dirs.ts';
import type { RequestOf, ResponseOf } from '../../messages/schema.ts';
import type { RequestContext } from '../context.ts';
import { handler } from '../handler.ts';

type Described = ResponseOf<typeof DESCRIBE_LOG_DIRS>['results'][number]['topics'][number];

/** There is one directory; where it lies is nobody's business but its owner's. */
const LOG_DIR = 'log';

/** How much partitions take on disk. What is not there is left out, as Kafka does. */
export const describeLogDirs = handler(DESCRIBE_LOG_DIRS, {
  handle: ({ topics }, context) => ({
    throttleTimeMs: 0,
    errorCode: 0,
    results: [{ errorCode: 0, logDir: LOG_DIR, topics: sizes(topics, context) }],
  }),
  refuse: (_, { code }) => ({ throttleTimeMs: 0, errorCode: code, results: [] }),
});

function sizes(
  asked: RequestOf<typeof DESCRIBE_LOG_DIRS>['topics'],
  { broker }: RequestContext,
): Described[] {
  const described: Described[] = [];
  const all = asked ?? broker.allTopics().map(({ name }) => ({ topic: name, partitions: null }));
  for (const { topic: name, partitions } of all) {
    const topic = broker.topicNamed(name);
    if (topic === undefined) continue;
    const indexes = partitions ?? Array.from({ length: topic.partitions }, (_, i) => i);
    const there = indexes.filter(i => i >= 0 && i < topic.partitions);
    if (there.length === 0) continue;
    described.push({
      name,
      partitions: there.map(partitionIndex => ({
        partitionIndex,
        partitionSize: broker.sizeOf({ topic: name, partition: partitionIndex }),
        offsetLag: 0,
        isFutureKey: false,
      })),
    });
  }
  return described;
}
