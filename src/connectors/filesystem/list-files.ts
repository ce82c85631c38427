import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { MillraceError } from '../../core/mod.ts';

/** A file of a table. */
export interface TableFile {
  readonly path: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/**
 * The files of a path, in the order of their paths: the file itself, all below a folder, or all that fit a
 * pattern. Names that begin with `.` or `_` are passed over below a folder, as Flink does.
 */
export function listFiles(path: string, pattern: RegExp | null): readonly TableFile[] {
  const glob = path.search(/[*?]/);
  const found = glob >= 0 ? matching(path, glob) : existsSync(path) ? below(path) : missing(path);
  return found
    .filter(file => pattern === null || pattern.test(file))
    .sort((a, b) => (a < b ? -1 : 1))
    .map(file => {
      const { size, mtimeMs } = statSync(file);
      return { path: file, bytes: size, modifiedMs: Math.floor(mtimeMs) };
    });
}

function missing(path: string): never {
  throw new MillraceError('NOT_FOUND', `the path '${path}' of the table does not exist`);
}

const isHidden = (name: string): boolean => name.startsWith('.') || name.startsWith('_');

function below(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const inside = (entry: Dirent): string[] => {
    if (isHidden(entry.name)) return [];
    const at = join(path, entry.name);
    return entry.isDirectory() ? below(at) : entry.isFile() ? [at] : [];
  };
  return readdirSync(path, { withFileTypes: true }).flatMap(inside);
}

/** Files below the folder before the first pattern character whose paths fit the whole pattern. */
function matching(path: string, glob: number): string[] {
  const folder = path.slice(0, path.lastIndexOf('/', glob) + 1) || '.';
  if (!existsSync(folder)) return missing(folder);
  const fits = globPattern(path.slice(folder === '.' ? 0 : folder.length));
  return below(folder).filter(
    file => fits.test(relative(folder, file).split(sep).join('/')) && !isHidden(basename(file)),
  );
}

/** `*` and `?` within a name, `**` over any folders; a match is a file or a folder with all below it. */
function globPattern(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  const body = escaped.replace(/\*\*\/?|\*|\?/g, found =>
    found === '?' ? '[^/]' : found === '*' ? '[^/]*' : '(?:.*/)?',
  );
  return new RegExp(`^${body}(?:/.*)?$`, 'su');
}
