import { type ConfigEntry, Refusal, type TopicInfo } from '../../../log/mod.ts';
import { NODE_ID, type RequestContext } from '../context.ts';
import { topicOf } from '../topic-of.ts';
import { brokerConfig } from './broker-config.ts';
import { type DescribedConfig, RESOURCE } from './config-entries.ts';

const NAMES: Readonly<Record<number, string>> = { 8: 'BROKER_LOGGER', 16: 'CLIENT_METRICS', 32: 'GROUP' };

/** Whose settings are meant. */
export interface ConfigResource {
  readonly resourceType: number;
  readonly resourceName: string;
}

/** Every setting of a topic or a broker, with what holds where it is not set there. */
export function describedConfigs(
  { resourceType, resourceName }: ConfigResource,
  context: RequestContext,
): readonly DescribedConfig[] {
  const { broker } = context;
  if (resourceType === RESOURCE.TOPIC) {
    checkTopicName(resourceName);
    const topic = topicOf(broker, false, resourceName, '');
    const defaults = new Map(broker.topicDefaults().map(entry => [entry.name, entry]));
    return broker.describeTopicConfig(topic.name).map(entry => {
      return { entry, fallback: defaults.get(entry.name) ?? entry };
    });
  }
  checkBroker(resourceType, resourceName);
  const entries: readonly ConfigEntry[] = resourceName === '' ? [] : brokerConfig(context);
  return entries.map(entry => ({ entry, fallback: entry }));
}

/** Refuses, before it is looked for, what no topic can be called. */
export function checkTopicName(name: string): void {
  if (/^(?!\.{1,2}$)[a-zA-Z0-9._-]{1,249}$/.test(name)) return;
  throw new Refusal('INVALID_TOPIC_EXCEPTION', `Topic name is invalid: ${JSON.stringify(name)}`);
}

/** Refuses what is no broker of ours; no name stands for the settings of all brokers. */
function checkBroker(resourceType: number, resourceName: string): void {
  if (resourceType !== RESOURCE.BROKER) {
    const kind = NAMES[resourceType] ?? `UNKNOWN(${resourceType})`;
    throw new Refusal('INVALID_REQUEST', `Unsupported resource type: ${kind}`);
  }
  if (resourceName === '' || resourceName === String(NODE_ID)) return;
  const what = /^-?\d+$/.test(resourceName)
    ? `Unexpected broker id, expected ${NODE_ID} or empty string, but received ${resourceName}`
    : `Broker id must be an integer, but it is: ${resourceName}`;
  throw new Refusal('INVALID_REQUEST', what);
}

/**
 * The topic whose settings are to be changed. Settings of the broker are refused: they are set where Millrace
 * is configured, for the next start.
 */
export function changeableTopic(
  { resourceType, resourceName }: ConfigResource,
  keys: readonly string[],
  context: RequestContext,
): TopicInfo {
  if (resourceType !== RESOURCE.TOPIC) {
    checkBroker(resourceType, resourceName);
    throw new Refusal('INVALID_REQUEST', `Cannot update these configs dynamically: Set(${keys.join(', ')})`);
  }
  const topic = topicOf(context.broker, false, resourceName, '');
  if (topic.internal) throw new Refusal('POLICY_VIOLATION', `topic ${topic.name} belongs to the log`);
  return topic;
}
