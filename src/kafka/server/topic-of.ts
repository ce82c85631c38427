import { type LogBroker, Refusal, type TopicInfo } from '../../log/mod.ts';

/**
 * The topic that a request names, by its name or from some version on by its id; refused where there is none.
 */
export function topicOf(broker: LogBroker, byId: boolean, name: string, id: string): TopicInfo {
  const topic = byId ? broker.topicById(id) : broker.topicNamed(name);
  if (topic !== undefined) return topic;
  if (byId) throw new Refusal('UNKNOWN_TOPIC_ID', `there is no topic with the id ${id}`);
  throw new Refusal('UNKNOWN_TOPIC_OR_PARTITION', `there is no topic ${name}`);
}

/** Refuses a partition that the topic does not have. */
export function checkPartition(topic: TopicInfo, partition: number): void {
  if (partition >= 0 && partition < topic.partitions) return;
  throw new Refusal('UNKNOWN_TOPIC_OR_PARTITION', `topic ${topic.name} has no partition ${partition}`);
}
