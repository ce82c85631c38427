import type { Asked } from '../kafka-answers.ts';
import { ask, BROKER, configs, TOPIC } from './ask.ts';

const [DESCRIBE_CONFIGS, ALTER_CONFIGS, INCREMENTAL] = [32, 33, 44];
const [SET, DELETE, APPEND, SUBTRACT] = [0, 1, 2, 3];

const describe = (
  title: string,
  resources: unknown[],
  more: Record<string, unknown> = {},
  version = 4,
): Asked =>
  ask(title, DESCRIBE_CONFIGS, version, {
    resources,
    includeSynonyms: false,
    includeDocumentation: false,
    ...more,
  });
const resource = (resourceType: number, resourceName: string, configurationKeys: string[] | null = null) => ({
  resourceType,
  resourceName,
  configurationKeys,
});

/** Settings, shown. */
export const describeConfigs = (): Asked[] => [
  describe('all settings of a topic', [resource(TOPIC, 't1')], {
    includeSynonyms: true,
    includeDocumentation: true,
  }),
  describe('some settings of a topic', [resource(TOPIC, 't1', ['retention.ms', 'segment.bytes', 'no.such'])]),
  describe('no settings of a topic', [resource(TOPIC, 't1', [])]),
  describe('without what was added later', [resource(TOPIC, 't1', ['retention.ms'])], {}, 1),
  describe('topics that are not there', [
    resource(TOPIC, 'nowhere'),
    resource(TOPIC, 'a b'),
    resource(TOPIC, ''),
  ]),
  describe('the broker', [resource(BROKER, '1')], { includeSynonyms: true }),
  describe('the default of all brokers', [resource(BROKER, '')], { includeSynonyms: true }),
  describe('another broker', [resource(BROKER, '7'), resource(BROKER, 'seven')]),
  describe('a group, a client and nothing', [
    resource(32, 'g'),
    resource(16, 'c'),
    resource(0, 'x'),
    resource(99, 'x'),
  ]),
  describe('one twice', [resource(TOPIC, 't1', ['retention.ms']), resource(TOPIC, 't1', ['segment.ms'])]),
];

const change = (name: string, configOperation: number, value: string | null) => ({
  name,
  configOperation,
  value,
});
const incremental = (
  title: string,
  resourceName: string,
  changes: unknown[],
  more: Record<string, unknown> = {},
): Asked =>
  ask(title, INCREMENTAL, 1, {
    resources: [{ resourceType: TOPIC, resourceName, configs: changes, ...more }],
    validateOnly: more['validateOnly'] ?? false,
  });
const replace = (
  title: string,
  resourceName: string,
  values: Record<string, string | null>,
  type = TOPIC,
): Asked =>
  ask(title, ALTER_CONFIGS, 2, {
    resources: [{ resourceType: type, resourceName, configs: configs(values) }],
    validateOnly: false,
  });
const look = (...keys: string[]): Asked =>
  describe(`${keys} afterwards`, [resource(TOPIC, 't1', keys)], { includeSynonyms: true });

/** Settings, changed. */
export const alterConfigs = (): Asked[] => [
  incremental('a setting', 't1', [change('retention.ms', SET, '7200000')]),
  look('retention.ms'),
  incremental('a setting back', 't1', [change('retention.ms', DELETE, null)]),
  look('retention.ms'),
  incremental('more in a list', 't1', [change('cleanup.policy', APPEND, 'compact')]),
  look('cleanup.policy'),
  incremental('the same in a list', 't1', [change('cleanup.policy', APPEND, 'compact')]),
  incremental('less in a list', 't1', [change('cleanup.policy', SUBTRACT, 'delete')]),
  look('cleanup.policy'),
  incremental('what is not in a list', 't1', [change('cleanup.policy', SUBTRACT, 'delete')]),
  incremental('the last of a list', 't1', [change('cleanup.policy', SUBTRACT, 'compact')]),
  incremental('more of what is no list', 't1', [change('retention.ms', APPEND, '1')]),
  incremental('two of which one is wrong', 't1', [
    change('retention.bytes', SET, '5'),
    change('segment.ms', SET, 'x'),
  ]),
  look('retention.bytes'),
  incremental('one twice', 't1', [change('retention.ms', SET, '1'), change('retention.ms', SET, '2')]),
  incremental('no value', 't1', [change('retention.ms', SET, null)]),
  incremental('a setting that is not known', 't1', [change('no.such', SET, '1')]),
  incremental('an operation that is not known', 't1', [change('retention.ms', 9, '1')]),
  incremental('only validated', 't1', [change('retention.ms', SET, '99')], { validateOnly: true }),
  look('retention.ms'),
  incremental('a topic that is not there', 'nowhere', [change('retention.ms', SET, '1')]),
  incremental('a resource that is not known', 'x', [change('a', SET, '1')], { resourceType: 77 }),
  incremental('a setting of another broker', '7', [change('log.retention.ms', SET, '1')], {
    resourceType: BROKER,
  }),
  incremental('a setting of the broker that is read only', '1', [change('log.dirs', SET, '/x')], {
    resourceType: BROKER,
  }),
  replace('all settings', 't1', { 'retention.ms': '1000', 'max.message.bytes': '5000' }),
  look('retention.ms', 'max.message.bytes', 'cleanup.policy'),
  replace('others', 't1', { 'segment.ms': '100000' }),
  look('retention.ms', 'max.message.bytes', 'segment.ms'),
  replace('a wrong one', 't1', { 'segment.ms': 'x' }),
  replace('one without a value', 't1', { 'segment.ms': null }),
  replace('of a topic that is not there', 'nowhere', { 'segment.ms': '5' }),
  replace('none', 't1', {}),
  look('segment.ms'),
];
