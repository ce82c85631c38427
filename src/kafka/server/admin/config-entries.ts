import type { ConfigEntry, ConfigSource } from '../../../log/mod.ts';
import { BROKER_NAMES, TOPIC_ONLY } from './config-synonyms.ts';

/** Kafka's numbers of where a setting got its value. */
export const SOURCES: Readonly<Record<ConfigSource, number>> = {
  UNKNOWN: 0,
  DYNAMIC_TOPIC_CONFIG: 1,
  DYNAMIC_BROKER_CONFIG: 2,
  DYNAMIC_DEFAULT_BROKER_CONFIG: 3,
  STATIC_BROKER_CONFIG: 4,
  DEFAULT_CONFIG: 5,
};

const TYPES: Readonly<Record<ConfigEntry['type'], number>> = {
  BOOLEAN: 1,
  STRING: 2,
  INT: 3,
  SHORT: 4,
  LONG: 5,
  DOUBLE: 6,
  LIST: 7,
  CLASS: 8,
  PASSWORD: 9,
};

/** Kafka's numbers of what has settings. */
export const RESOURCE = { TOPIC: 2, BROKER: 4 } as const;

/** A setting beside what holds where it is not set for the topic. */
export interface DescribedConfig {
  readonly entry: ConfigEntry;
  readonly fallback: ConfigEntry;
}

/** A setting as DescribeConfigs answers it. */
export function configResult(
  { entry, fallback }: DescribedConfig,
  synonyms: boolean,
  documentation: boolean,
) {
  return {
    name: entry.name,
    value: entry.value,
    readOnly: entry.readOnly,
    configSource: SOURCES[entry.source],
    isSensitive: entry.type === 'PASSWORD',
    synonyms: synonyms ? synonymsOf(entry, fallback) : [],
    configType: TYPES[entry.type],
    documentation: documentation ? entry.documentation : null,
  };
}

/** From where the value comes, and from where it would come next. */
function synonymsOf(entry: ConfigEntry, fallback: ConfigEntry) {
  const broker = BROKER_NAMES[entry.name] ?? entry.name;
  const named = (name: string, { value, source }: ConfigEntry) => ({ name, value, source: SOURCES[source] });
  const inherited = TOPIC_ONLY.has(entry.name) ? [] : [named(broker, fallback)];
  return entry.source === 'DYNAMIC_TOPIC_CONFIG' ? [named(entry.name, entry), ...inherited] : inherited;
}
