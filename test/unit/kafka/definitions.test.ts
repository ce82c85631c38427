import { describe, expect, test } from 'vitest';
import { APIS } from '../../../src/kafka/messages/mod.ts';
import type { Field, Fields } from '../../../src/kafka/messages/schema.ts';
import {
  clientsJar,
  type DefinedField,
  type DefinedMessage,
  definitionsIn,
} from '../../support/kafka-definitions.ts';

const jar = clientsJar();
if (jar === undefined) {
  console.log(
    'kafka definitions: skipped, MILLRACE_ENGINES is not set or the kafka-clients jar is not there',
  );
}
const definitions = jar === undefined ? new Map<string, DefinedMessage>() : definitionsIn(jar);

/** A field in one form, be it ours or Kafka's. */
interface Plain {
  readonly name: string;
  readonly type: string;
  readonly versions: string;
  readonly nullable: string | undefined;
  readonly tagged: string | undefined;
  readonly default: string;
  readonly ignorable: boolean;
  readonly fields: readonly Plain[] | undefined;
}

const plainDefault = (value: unknown, type: string): string => {
  if (value === null || value === 'null') return 'null';
  if (value === undefined) return type === 'bool' ? 'false' : /^(u?int|float)/.test(type) ? '0' : '';
  return /^(u?int|float)/.test(type) ? String(BigInt(String(value))) : String(value).toLowerCase();
};

function ours(name: string, field: Field): Plain {
  const { element, type } = field;
  const parts = typeof element === 'object' ? element : field.fields;
  const bare = (word: string): string => (word === 'bigint64' ? 'int64' : word);
  const itself = type === 'array' ? `[]${typeof element === 'string' ? bare(element) : ''}` : bare(type);
  return {
    name,
    type: itself,
    versions: field.versions,
    nullable: field.nullable,
    tagged: field.tagged === undefined ? undefined : `${field.tag} in ${field.tagged}`,
    default: plainDefault(field.default, itself),
    ignorable: field.ignorable === true,
    fields: parts === undefined ? undefined : oursOf(parts),
  };
}

const oursOf = (fields: Fields): Plain[] => Object.entries(fields).map(([name, field]) => ours(name, field));

function theirs(field: DefinedField, message: DefinedMessage, versions: [number, number]): Plain {
  const word = field.type.replace('[]', '');
  const isStruct = /^[A-Z]/.test(word);
  const parts = field.fields ?? message.commonStructs?.find(({ name }) => name === word)?.fields;
  const isArray = field.type.startsWith('[]');
  const itself = isArray ? `[]${isStruct ? '' : word}` : isStruct ? 'struct' : word;
  return {
    name: field.name[0]!.toLowerCase() + field.name.slice(1),
    type: itself,
    versions: field.versions,
    nullable: field.nullableVersions,
    tagged: field.taggedVersions === undefined ? undefined : `${field.tag} in ${field.taggedVersions}`,
    default: plainDefault(field.default, itself),
    ignorable: field.ignorable === true,
    fields: isStruct ? theirsOf(parts!, message, versions) : undefined,
  };
}

/** The first and the last version that Kafka offers. */
function offered(message: DefinedMessage): [number, number] {
  const [low, high = low] = message.validVersions.split('-').map(Number) as [number, number?];
  return [low, message.latestVersionUnstable ? high - 1 : high];
}

/** Kafka keeps the definitions of fields of versions that it no longer offers, or not yet. */
function theirsOf(
  fields: readonly DefinedField[],
  message: DefinedMessage,
  [low, high]: [number, number],
): Plain[] {
  const isOffered = ({ versions }: DefinedField): boolean =>
    (versions.endsWith('+') || Number(versions.split('-').at(-1)) >= low) &&
    Number.parseInt(versions, 10) <= high;
  return fields.filter(isOffered).map(field => theirs(field, message, [low, high]));
}

describe.skipIf(jar === undefined)("every schema says what Kafka's own definition says", () => {
  test.each([...APIS.values()].map(api => [api.name, api] as const))('%s', (name, api) => {
    const request = definitions.get(`${name}Request`)!;
    const response = definitions.get(`${name}Response`)!;
    expect(api.key).toBe(request.apiKey);
    expect(api.versions).toEqual(offered(request));
    const flexible = request.flexibleVersions;
    expect(api.flexibleFrom).toBe(flexible === 'none' ? Infinity : Number(flexible.replace('+', '')));
    expect(response.flexibleVersions).toBe(flexible);
    expect(oursOf(api.request.fields)).toEqual(theirsOf(request.fields, request, offered(request)));
    expect(oursOf(api.response.fields)).toEqual(theirsOf(response.fields, response, offered(request)));
  });
});
