import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { MillraceError } from '../core/mod.ts';
import {
  type AppConnector,
  type AppManifest,
  type AppTopic,
  parseConnector,
  parseManifest,
  parseTopics,
} from './app-yaml.ts';

/** A file of the application that is text to us here: SQL. */
export interface AppFile {
  /** File name without extension. */
  readonly name: string;
  /** Relative to the application's folder, for messages. */
  readonly path: string;
  readonly text: string;
}

/** An application as its folder declares it. TypeScript is only named here; `importModule` loads it. */
export interface App {
  readonly folder: string;
  readonly manifest: AppManifest;
  readonly database: readonly AppFile[];
  readonly topics: readonly AppTopic[];
  readonly connectors: readonly AppConnector[];
  readonly jobs: readonly AppFile[];
  readonly views: readonly AppFile[];
  readonly validate: AppFile | null;
  /** Absolute paths. */
  readonly routes: readonly string[];
  readonly generator: string | null;
  /** Modules of SQL functions, absolute. */
  readonly functions: readonly string[];
}

/** The folder of an application: a path, or a name under `apps/` of the installation. */
export function findApp(nameOrPath: string, appsFolder: string): string {
  for (const folder of [resolve(nameOrPath), join(appsFolder, nameOrPath)]) {
    if (existsSync(join(folder, 'app.yaml'))) return folder;
  }
  const known = existsSync(appsFolder)
    ? readdirSync(appsFolder).filter(name => existsSync(join(appsFolder, name, 'app.yaml')))
    : [];
  throw new MillraceError(
    'NOT_FOUND',
    `no application ${nameOrPath}: there is no such folder with an app.yaml. There are: ${known.join(', ') || 'none'}.`,
  );
}

/**
 * Read an application's folder. Wrong or missing files are refused with APP_INVALID, which names file and
 * place.
 */
export function loadApp(folder: string): App {
  const read = (...path: string[]): string => {
    const file = join(folder, ...path);
    if (!existsSync(file)) throw new MillraceError('APP_INVALID', `${file} is missing.`);
    return readFileSync(file, 'utf8');
  };
  const list = (part: string, extension: string): string[] => {
    const at = join(folder, part);
    if (!existsSync(at)) return [];
    const names = readdirSync(at).filter(name => name.endsWith(extension) && !name.startsWith('.'));
    return names.sort().map(name => join(at, name));
  };
  const texts = (part: string): AppFile[] =>
    list(part, '.sql').map(file => textFile(folder, file, readFileSync(file, 'utf8')));
  const optional = (name: string): string | null =>
    existsSync(join(folder, name)) ? join(folder, name) : null;
  const topics = optional('topics.yaml');
  const validate = optional('validate.sql');
  return {
    folder,
    manifest: parseManifest(join(folder, 'app.yaml'), read('app.yaml')),
    database: texts('database'),
    topics: topics ? parseTopics(topics, read('topics.yaml')) : [],
    connectors: list('connectors', '.json').map(file => parseConnector(file, readFileSync(file, 'utf8'))),
    jobs: texts('jobs'),
    views: texts('views'),
    validate: validate ? textFile(folder, validate, read('validate.sql')) : null,
    routes: list('routes', '.ts'),
    generator: optional('generator.ts'),
    functions: list('functions', '.ts'),
  };
}

function textFile(folder: string, file: string, text: string): AppFile {
  return { name: basename(file, '.sql'), path: relative(folder, file), text };
}

/** The values of an application's parameters: as given, else as declared. */
export function resolveParameters(
  manifest: AppManifest,
  given: ReadonlyMap<string, string>,
): Readonly<Record<string, string | number | boolean>> {
  const key = (name: string): string => name.toLowerCase().replace(/[-.]/g, '_');
  const declared = Object.entries(manifest.parameters);
  for (const name of given.keys()) {
    if (declared.some(([known]) => key(known) === key(name))) continue;
    const known = declared.map(([other]) => other).join(', ') || 'none';
    throw new MillraceError(
      'CONFIG_INVALID',
      `unknown parameter \`params.${name}\`. ${manifest.name} has: ${known}.`,
    );
  }
  return Object.fromEntries(
    declared.map(([name, { default: initial }]) => {
      const text = [...given].find(([other]) => key(other) === key(name))?.[1];
      return [name, text === undefined ? initial : parseLike(name, initial, text)];
    }),
  );
}

function parseLike(
  name: string,
  initial: string | number | boolean,
  text: string,
): string | number | boolean {
  if (typeof initial === 'string') return text;
  const value =
    typeof initial === 'number' ? Number(text) : text === 'true' ? true : text === 'false' ? false : NaN;
  if (text.trim() === '' || Number.isNaN(value)) {
    const message = `params.${name} = ${JSON.stringify(text)}: expected a ${typeof initial}.`;
    throw new MillraceError('CONFIG_INVALID', message);
  }
  return value;
}
