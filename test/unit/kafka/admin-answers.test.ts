import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Answered, askAll } from '../../support/kafka-answers.ts';
import { TestBroker } from '../../support/kafka-broker.ts';

/** What a real Kafka 4.3 of one node answered, one request after another (see scripts/kafka-answers.ts). */
const file = fileURLToPath(new URL('../../fixtures/kafka/admin-answers.jsonl', import.meta.url));
const recorded = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map(line => JSON.parse(line) as Answered);

/** Sentences for people are our own, and the broker's settings are those that we have. */
const OWN = new Set(['errorMessage', 'documentation', 'synonyms']);
/** Kafka sets it for the whole cluster, for replicas that we do not have. */
const CLUSTER_WIDE = 'min.insync.replicas';

/** An answer as it is compared: what lies in sets is in order. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) {
    const all = value.filter(part => part?.name !== CLUSTER_WIDE).map(comparable);
    const isSet = all.every(part => typeof part === 'object' && part !== null && keyOf(part) !== undefined);
    return isSet ? all.sort((a, b) => (keyOf(a!)! < keyOf(b!)! ? -1 : 1)) : all;
  }
  if (value === null || typeof value !== 'object') return value;
  const parts = Object.entries(value).filter(([name]) => !OWN.has(name));
  return Object.fromEntries(parts.map(([name, part]) => [name, comparable(part)]));
}

function keyOf(part: object): string | undefined {
  const { name, resourceName, topicId, resourceType } = part as Record<string, unknown>;
  const key = name ?? resourceName ?? topicId;
  return key === undefined ? undefined : `${key} ${resourceType ?? ''}`;
}

const nameOf = ({ api, title }: { api: number; title: string }) => `${api}: ${title}`;

/** Where we answer otherwise, and why. */
const OTHERWISE: Readonly<Record<string, string>> = {
  '19: only validated': 'an id that no topic ever gets is not made up',
  '19: retention.bytes=-2':
    'it is refused as out of bounds; there the topic of the next requests came from it',
  '0: records into a compacted topic': 'the sentence about the record is our own',
  '35: sizes of everything that has some': 'deleted records leave at once',
  '32: the broker': 'the settings are those that we have',
  '44: the last of a list': 'a topic has a policy of cleaning up',
  '44: an operation that is not known': 'it is refused by name instead of as UNKNOWN_SERVER_ERROR',
  '74: resources': 'there is no broker whose loggers could be set',
  '75: a name that cannot be': 'there is no such topic',
  '20: twice, by name and by id': 'the topic goes once, and the second is refused',
};
/** Requests about the topic that Kafka made above. */
const AFTER_THE_TOPIC = /^19: (cleanup|max|segment|min|compression|message|unclean).*=/;

test('administrators are answered as a real Kafka answers them', async () => {
  await using broker = await TestBroker.start();
  const wire = await broker.connect();
  const asked = recorded.map(({ response: _, ...request }) => request);
  const answers = await askAll(wire, asked);
  for (const [i, answer] of answers.entries()) {
    const name = nameOf(answer);
    if (name in OTHERWISE || AFTER_THE_TOPIC.test(name)) continue;
    expect.soft({ name, answer: comparable(answer.response) }).toEqual({
      name,
      answer: comparable(recorded[i]!.response),
    });
  }
  const [refused] = answers.filter(({ title }) => title === 'two replicas on one broker');
  expect(refused!.response).toEqual(recorded.find(({ title }) => title === refused!.title)!.response);
  expect(broker.lines).toEqual([]);
  await wire[Symbol.asyncDispose]();
});
