import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Paths of all files below a folder that end so, relative to the checkout, sorted; build output left out. */
export function filesBelow(folder: string, ...endings: string[]): string[] {
  const found: string[] = [];
  const visit = (path: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (['node_modules', 'dist', '.millrace', '.git', 'fixtures'].includes(entry.name)) continue;
      const below = join(path, entry.name);
      if (entry.isDirectory()) visit(below);
      else if (endings.some(ending => entry.name.endsWith(ending))) found.push(relative(root, below));
    }
  };
  if (existsSync(join(root, folder))) visit(join(root, folder));
  return found.sort();
}

export const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Source text without comments and string contents, so that words in prose are not taken for code. */
export function codeOf(path: string): string {
  return read(path)
    .replace(/\/\*[\s\S]*?\*\//g, block => block.replace(/[^\n]/g, ' '))
    .replace(/(^|[^:'"`\\])\/\/[^\n]*/g, '$1')
    .replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''");
}

/** Import specifiers of a file, static and dynamic. */
export function importsOf(path: string): string[] {
  return [...read(path).matchAll(/(?:\bfrom|\bimport\(|^import)\s*['"]([^'"]+)['"]/gm)].map(
    match => match[1] as string,
  );
}

/** The path a relative import points at, relative to the checkout. */
export const targetOf = (path: string, specifier: string): string =>
  relative(root, resolve(root, dirname(path), specifier));
