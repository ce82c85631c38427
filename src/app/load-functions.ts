import { relative } from 'node:path';
import type { ScalarFunction } from '../contract/mod.ts';
import { type DataType, MillraceError, messageOf } from '../core/mod.ts';
import type { FunctionLibrary } from '../plan/mod.ts';
import { parseDataType } from '../sql/mod.ts';
import type { SqlFunction } from './function.ts';
import { importModule } from './import-module.ts';
import type { App } from './load.ts';

/** The SQL functions of an application: for the planner by export, for the engine by id. */
export interface AppFunctions {
  readonly library: FunctionLibrary;
  readonly byId: ReadonlyMap<string, ScalarFunction>;
}

/** Where an application's modules of functions lie: plain data, for threads that load them too. */
export interface FunctionFiles {
  readonly app: Pick<App, 'folder' | 'functions'>;
  readonly cacheFolder: string;
}

/** Loads the modules under `functions/`. APP_INVALID names file and export where a declaration is wrong. */
export async function loadFunctions({ app, cacheFolder }: FunctionFiles): Promise<AppFunctions> {
  const byId = new Map<string, ScalarFunction>();
  for (const file of app.functions) {
    const path = relative(app.folder, file);
    for (const [name, exported] of Object.entries(await importModule(file, cacheFolder))) {
      if (!isDeclared(exported)) continue;
      byId.set(`${path}#${name}`, scalarFunction(`${path}#${name}`, exported));
    }
  }
  return { byId, library: libraryOf(byId) };
}

function isDeclared(exported: unknown): exported is SqlFunction {
  if (typeof exported !== 'object' || exported === null) return false;
  const { arguments: args, returns, call } = exported as Partial<SqlFunction>;
  return Array.isArray(args) && typeof returns === 'string' && typeof call === 'function';
}

function scalarFunction(id: string, declared: SqlFunction): ScalarFunction {
  const parameters = declared.arguments.map((text, i) => typeOf(id, `argument ${i + 1}`, text));
  return {
    id,
    parameters,
    returns: typeOf(id, 'the result', declared.returns),
    call: declared.call as ScalarFunction['call'],
  };
}

const NESTED: readonly DataType['kind'][] = [
  'ARRAY',
  'MAP',
  'ROW',
  'INTERVAL_DAY_TIME',
  'INTERVAL_YEAR_MONTH',
];

function typeOf(id: string, what: string, text: string): DataType {
  let type: DataType;
  try {
    type = parseDataType(text);
  } catch (cause) {
    throw new MillraceError('APP_INVALID', `${id}: the type of ${what}: ${messageOf(cause)}`, { cause });
  }
  if (!NESTED.includes(type.kind)) return type;
  throw new MillraceError('SQL_UNSUPPORTED', `${id}: ${what} of type ${text} is not supported yet`);
}

/** Finds an export in the file that USING names, or in the only file that has it. */
function libraryOf(byId: ReadonlyMap<string, ScalarFunction>): FunctionLibrary {
  const all = [...byId.values()];
  return (exportName, file) => {
    const wanted = all.filter(({ id }) => {
      const [path, name] = id.split('#');
      return name === exportName && (file === null || path === file);
    });
    if (wanted.length === 1) return wanted[0]!;
    if (wanted.length > 1) return `several files export '${exportName}': name one by USING`;
    const known = all.map(({ id }) => id).join(', ') || 'none';
    const where = file === null ? 'functions/' : file;
    return `${where} exports no function '${exportName}' made by defineFunction; there are: ${known}`;
  };
}
