import { readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * Runs the benches named on the command line, or all: each module beside this one exports `bench():
 * Promise<void>`.
 */
const here = dirname(fileURLToPath(import.meta.url));
const all = readdirSync(here)
  .filter(name => name.endsWith('.ts') && name !== 'run.ts' && name !== 'print.ts')
  .map(name => name.slice(0, -3))
  .sort();
const asked = process.argv.slice(2).filter(word => !word.startsWith('--'));
const unknown = asked.filter(name => !all.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`no bench ${unknown.join(', ')}; there are: ${all.join(', ')}\n`);
  process.exit(2);
}

console.log(`node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}`);
console.log(
  'Each figure stands beside a plain baseline of the same run; absolute times depend on the machine.\n',
);
for (const name of asked.length > 0 ? asked : all) {
  console.log(`## ${name}`);
  const { bench } = (await import(pathToFileURL(`${here}/${name}.ts`).href)) as { bench(): Promise<void> };
  await bench();
  console.log('');
}
