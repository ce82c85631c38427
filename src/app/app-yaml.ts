import { parse } from 'yaml';
import { z } from 'zod';
import { MillraceError, messageOf } from '../core/mod.ts';

const parameterSchema = z.strictObject({
  default: z.union([z.string(), z.number(), z.boolean()]),
  description: z.string(),
});

const appSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/, 'small letters, digits and dashes'),
  title: z.string().min(1),
  description: z.string().default(''),
  /** The zone in which "today" begins. */
  time_zone: z.string().refine(isTimeZone, 'not a time zone of the IANA database').default('UTC'),
  /** The database of the application, created at first start. */
  database: z.string().regex(/^[a-z][a-z0-9_]*$/, 'small letters, digits and underscores'),
  parameters: z.record(z.string(), parameterSchema).default({}),
});

const topicsSchema = z.array(
  z.strictObject({
    name: z.string(),
    partitions: z.number().int().min(1).default(1),
    config: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  }),
);

const connectorSchema = z.strictObject({ name: z.string(), config: z.record(z.string(), z.string()) });

/** `app.yaml`. */
export type AppManifest = z.infer<typeof appSchema>;
/** One entry of `topics.yaml`. */
export type AppTopic = z.infer<typeof topicsSchema>[number];
/** One file of `connectors/`, as Kafka Connect's REST takes it. */
export type AppConnector = z.infer<typeof connectorSchema>;

/** Read `app.yaml`; APP_INVALID names file and place. */
export function parseManifest(path: string, text: string): AppManifest {
  return check(path, appSchema, parseYaml(path, text));
}

/** Read `topics.yaml`. */
export function parseTopics(path: string, text: string): readonly AppTopic[] {
  return check(path, topicsSchema, parseYaml(path, text) ?? []);
}

/** Read one of `connectors/*.json`. */
export function parseConnector(path: string, text: string): AppConnector {
  return check(path, connectorSchema, parseYaml(path, text));
}

/** JSON is YAML too, and YAML's messages name line and column. */
function parseYaml(path: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new MillraceError('APP_INVALID', `${path}: ${messageOf(error)}`, { cause: error });
  }
}

function check<S extends z.ZodType>(path: string, schema: S, value: unknown): z.infer<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    issue => `${issue.path.join('.') || 'the file'}: ${issue.message}`,
  );
  throw new MillraceError('APP_INVALID', `${path}: ${problems.join('; ')}.`);
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
