import { parse } from 'yaml';
import { MillraceError, messageOf } from '../../core/mod.ts';
import { nearest } from './nearest.ts';
import type { Setting } from './setting.ts';
import { environmentName, SETTINGS, type SettingName, type Settings } from './settings.ts';

/**
 * Where settings come from. Flags win over the environment, the environment over the file, the file over
 * defaults.
 */
export interface ConfigSources {
  /** `--http.port 9000` as `['http.port', '9000']`. */
  readonly flags: ReadonlyMap<string, string>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The text of `millrace.yaml`, and its path for messages. */
  readonly file?: { readonly path: string; readonly text: string };
}

/** The outcome: every setting, which ones somebody set, and the application's own parameters as given. */
export interface Config {
  readonly settings: Settings;
  readonly explicit: ReadonlySet<SettingName>;
  /** `params.rate=…`: checked against the application's declaration when it is loaded. */
  readonly params: ReadonlyMap<string, string>;
}

/** Variables of the same prefix that are not settings. */
const NOT_SETTINGS = new Set([
  'MILLRACE_FAILPOINT',
  'MILLRACE_TEST_DATA',
  'MILLRACE_ENGINES',
  'MILLRACE_DEV',
  'MILLRACE_BENCH',
]);
const PARAMS = 'params.';
const PARAMS_ENVIRONMENT = 'MILLRACE_PARAMS_';

/** Decide all settings. Refuses unknown names and values that don't fit with CONFIG_INVALID. */
export function resolveConfig(sources: ConfigSources): Config {
  const given = new Map<SettingName, { readonly text: string; readonly from: string }>();
  const params = new Map<string, string>();
  const take = (name: string, text: string, from: string): void => {
    if (name.startsWith(PARAMS)) params.set(name.slice(PARAMS.length), text);
    else given.set(knownName(name, from), { text, from });
  };
  for (const [name, text] of fileEntries(sources.file)) take(name, text, sources.file?.path ?? '');
  for (const [name, text] of environmentEntries(sources.environment)) take(name, text, environmentName(name));
  for (const [name, text] of sources.flags) take(name, text, `--${name}`);

  const settings: Record<string, unknown> = {};
  for (const setting of SETTINGS) {
    const found = given.get(setting.name);
    settings[setting.name] = found ? parseValue(setting, found.text, found.from) : setting.default;
  }
  return { settings: settings as Settings, explicit: new Set(given.keys()), params };
}

function knownName(name: string, from: string): SettingName {
  const known = SETTINGS.find(s => s.name === name);
  if (known) return known.name;
  const near = nearest(
    name,
    SETTINGS.map(s => s.name),
  );
  const remedy = near ? `Did you mean \`${near}\`?` : 'docs/reference/config.md lists all settings.';
  throw new MillraceError('CONFIG_INVALID', `unknown setting \`${name}\` (from ${from}). ${remedy}`);
}

function environmentEntries(environment: ConfigSources['environment']): [string, string][] {
  const entries: [string, string][] = [];
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith('MILLRACE_') || text === undefined || NOT_SETTINGS.has(variable)) continue;
    if (variable.startsWith(PARAMS_ENVIRONMENT)) {
      entries.push([`${PARAMS}${variable.slice(PARAMS_ENVIRONMENT.length).toLowerCase()}`, text]);
      continue;
    }
    const known = SETTINGS.find(s => environmentName(s.name) === variable);
    if (!known) refuseVariable(variable);
    entries.push([known.name, text]);
  }
  return entries;
}

function refuseVariable(variable: string): never {
  const near = nearest(
    variable,
    SETTINGS.map(s => environmentName(s.name)),
  );
  const remedy = near ? `Did you mean ${near}?` : 'Unset it; docs/reference/config.md lists all settings.';
  throw new MillraceError('CONFIG_INVALID', `unknown environment variable ${variable}. ${remedy}`);
}

function fileEntries(file: ConfigSources['file']): [string, string][] {
  if (!file) return [];
  let root: unknown;
  try {
    root = parse(file.text);
  } catch (error) {
    throw new MillraceError('CONFIG_INVALID', `${file.path} is not YAML: ${messageOf(error)}`, {
      cause: error,
    });
  }
  if (root === null || root === undefined) return [];
  if (typeof root !== 'object' || Array.isArray(root)) {
    throw new MillraceError(
      'CONFIG_INVALID',
      `${file.path} must be a map of settings, like \`http.port: 9000\`.`,
    );
  }
  return flatten(root as Record<string, unknown>, '');
}

/** Nested maps and dotted names mean the same. */
function flatten(map: Record<string, unknown>, prefix: string): [string, string][] {
  return Object.entries(map).flatMap(([name, value]): [string, string][] => {
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      return flatten(value as Record<string, unknown>, `${prefix}${name}.`);
    }
    return [[prefix + name, Array.isArray(value) ? value.join(',') : String(value ?? '')]];
  });
}

function parseValue(setting: Setting, text: string, from: string): unknown {
  const refuse = (expected: string): never => {
    const message = `${setting.name} = ${JSON.stringify(text)} (from ${from}): expected ${expected}.`;
    throw new MillraceError('CONFIG_INVALID', message);
  };
  switch (setting.type) {
    case 'integer': {
      const value = Number(text);
      const [min, max] = setting.range ?? [0, Number.MAX_SAFE_INTEGER];
      const fits = text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max;
      return fits ? value : refuse(`a whole number from ${min} to ${max}`);
    }
    case 'boolean':
      if (text === 'true' || text === '') return true;
      return text === 'false' ? false : refuse('true or false');
    case 'list':
      return text.split(',').flatMap(item => item.trim() || []);
    case 'string':
      if (setting.choices && !setting.choices.includes(text)) refuse(`one of ${setting.choices.join(', ')}`);
      return text;
  }
}
