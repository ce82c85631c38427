import type { ConfigEntry } from './admin.ts';
import type { TopicConfigChange } from './broker.ts';
import type { TopicConfig } from './log.ts';
import { Refusal } from './refusal.ts';
import { TOPIC_KEYS, type TopicKey } from './topic-config-keys.ts';
import { checkPartitions, checkTopicName } from './topic-rules.ts';

/** What was set for a topic, in Kafka's texts. */
export type TopicTexts = Readonly<Record<string, string>>;

/**
 * Refuse what Kafka's rules for names, partitions and settings do not allow (TOPIC_INVALID in our words).
 * Answers the settings as texts.
 */
export function checkNewTopic(name: string, partitions: number, config: object): TopicTexts {
  checkTopicName(name);
  checkPartitions(name, partitions);
  return checkedTexts({ ...config });
}

/** Checked and tidied texts; INVALID_CONFIG for what Kafka does not know or take. Nulls are left out. */
export function checkedTexts(config: Readonly<Record<string, unknown>>): TopicTexts {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(config)) {
    if (value === null || value === undefined) continue;
    texts[name] = checkedText(name, String(value));
  }
  if (texts['min.compaction.lag.ms'] !== undefined || texts['max.compaction.lag.ms'] !== undefined) {
    const lag = (name: string): bigint => BigInt(texts[name] ?? TOPIC_KEYS[name]!.fallback);
    if (lag('min.compaction.lag.ms') > lag('max.compaction.lag.ms')) {
      throw new Refusal('INVALID_CONFIG', 'min.compaction.lag.ms may not exceed max.compaction.lag.ms');
    }
  }
  return texts;
}

function checkedText(name: string, value: string): string {
  const key = keyNamed(name);
  if (key === undefined) throw new Refusal('INVALID_CONFIG', `no such setting: ${name}`);
  const text = value.trim();
  const wrong = wrongValue(key, text);
  if (wrong !== null) {
    throw new Refusal('INVALID_CONFIG', `${name} ${wrong}, not ${JSON.stringify(value)}`);
  }
  return key.type === 'LIST' ? partsOf(text).join(',') : text;
}

function keyNamed(name: string): TopicKey | undefined {
  return Object.hasOwn(TOPIC_KEYS, name) ? TOPIC_KEYS[name] : undefined;
}

function wrongValue(key: TopicKey, text: string): string | null {
  if (key.only && text !== key.fallback) return `can only be ${JSON.stringify(key.fallback)} here`;
  if (key.range !== undefined) {
    const [low, high] = key.range;
    const isWhole = /^[+-]?\d{1,19}$/.test(text);
    const fits = isWhole && BigInt(text) >= low && BigInt(text) <= high && BigInt(text) !== key.except;
    const but = key.except === undefined ? '' : ` but ${key.except}`;
    return fits ? null : `is a whole number from ${low} to ${high}${but}`;
  }
  if (key.type === 'DOUBLE') {
    const fits = text !== '' && Number(text) >= 0 && Number(text) <= 1;
    return fits ? null : 'is a number from 0 to 1';
  }
  if (key.words === undefined) return null;
  if (key.type === 'BOOLEAN') return /^(true|false)$/i.test(text) ? null : 'is true or false';
  const given = key.type === 'LIST' ? partsOf(text) : [text];
  const fits = given.length > 0 && given.every(part => key.words?.includes(part));
  return fits ? null : `is one of ${key.words.join(', ')}`;
}

/** The parts of a list, each once. */
function partsOf(text: string): string[] {
  const parts = text.split(',').map(part => part.trim());
  return [...new Set(parts.filter(part => part !== ''))];
}

/** The settings as they are after the changes, not checked yet. */
export function changedTexts(
  before: TopicTexts,
  changes: readonly TopicConfigChange[],
): Readonly<Record<string, string | null>> {
  const after: Record<string, string | null> = { ...before };
  for (const { name, op, value } of changes) {
    const key = keyNamed(name);
    if (key === undefined) throw new Refusal('INVALID_CONFIG', `no such setting: ${name}`);
    if (op === 'delete') after[name] = null;
    else if (op === 'set') after[name] = value;
    else if (key.type !== 'LIST') {
      throw new Refusal('INVALID_CONFIG', `${name} is no list, so that nothing can be added or taken away`);
    } else {
      const parts = partsOf(after[name] ?? key.fallback);
      const given = partsOf(value ?? '');
      after[name] =
        op === 'append'
          ? [...parts, ...given].join(',')
          : parts.filter(part => !given.includes(part)).join(',');
    }
  }
  return after;
}

/** As `Log` tells them: numbers are numbers; those beyond what is exact are the largest that is. */
export function typedConfig(texts: TopicTexts): TopicConfig {
  const typed = Object.entries(texts).map(([name, text]) => [name, typedValue(name, text)]);
  return Object.fromEntries(typed) as TopicConfig;
}

function typedValue(name: string, text: string): string | number {
  if (name === 'cleanup.policy') return policyOf(text);
  const numeric = ['INT', 'LONG', 'DOUBLE'].includes(keyNamed(name)?.type ?? 'STRING');
  return numeric ? Math.min(Number(text), Number.MAX_SAFE_INTEGER) : text;
}

const policyOf = (text: string): string => partsOf(text).sort().join(',');

/** All settings with where they come from. `broker` has the log's own values where they are not Kafka's. */
export function describeTexts(texts: TopicTexts, broker: TopicTexts): readonly ConfigEntry[] {
  return Object.entries(TOPIC_KEYS).map(([name, key]) => {
    const own = broker[name] === key.fallback ? undefined : broker[name];
    return {
      name,
      value: texts[name] ?? own ?? key.fallback,
      source:
        texts[name] !== undefined
          ? 'DYNAMIC_TOPIC_CONFIG'
          : own !== undefined
            ? 'STATIC_BROKER_CONFIG'
            : 'DEFAULT_CONFIG',
      readOnly: false,
      type: key.type,
      documentation: key.help,
    };
  });
}
