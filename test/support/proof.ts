import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const FILE = 'docs/operating/proof.md';
const HEAD = `# Proof

What \`npm run test:long\` found when each of its tests last ran in full.

| what | count | result |
|---|---|---|
`;

/** Enter the result of a long test, in place of its last one. `what` names the test and tells what it does. */
export function recordProof(what: string, count: number, result: string): void {
  const row = `| ${what} | ${count.toLocaleString('en')} | ${result} |`;
  const others = read()
    .split('\n')
    .filter(line => line.startsWith('| ') && !line.startsWith('| what ') && !line.startsWith(`| ${what} |`));
  mkdirSync('docs/operating', { recursive: true });
  writeFileSync(FILE, `${HEAD}${[...others, row].sort().join('\n')}\n`);
}

function read(): string {
  try {
    return readFileSync(FILE, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return '';
  }
}
