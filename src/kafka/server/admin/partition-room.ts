import { Refusal } from '../../../log/mod.ts';
import type { RequestContext } from '../context.ts';

/** Refuses more partitions than all topics may have together: one request could take every file there is. */
export function checkRoom(more: number, { broker, server }: RequestContext): void {
  const { partitionsMax } = server.settings;
  let partitions = more;
  for (const topic of broker.allTopics()) partitions += topic.partitions;
  if (partitions <= partitionsMax) return;
  const what = `all topics together may have ${partitionsMax} partitions; these would make ${partitions}`;
  throw new Refusal('POLICY_VIOLATION', what);
}
