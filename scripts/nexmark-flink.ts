import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CORRECTNESS, QUERIES } from '../bench/nexmark/config.ts';
import { readLines, writeLines } from '../bench/nexmark/files.ts';
import { FlinkCluster } from '../bench/nexmark/flink.ts';
import { accumulate, type Digest, digestOf } from '../bench/nexmark/results.ts';
import { scriptOf, sinkFormat } from '../bench/nexmark/statements.ts';

/**
 * Records what a real Flink answers to the Nexmark queries, for test/e2e/nexmark.test.ts: count and hash of
 * the accumulated rows. Usage: MILLRACE_ENGINES=<folder of the script `flink`> tsx scripts/nexmark-flink.ts
 */
const engines = process.env['MILLRACE_ENGINES'];
if (engines === undefined) throw new Error('MILLRACE_ENGINES names the folder with the script `flink`');
const fixture = new URL('../test/fixtures/flink/nexmark/results.json', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'nexmark-flink-'));
const input = join(folder, 'input.jsonl');
writeLines(input, CORRECTNESS.events, CORRECTNESS);
const keep = process.env['NEXMARK_KEEP'];
const cluster = await FlinkCluster.start({ engines });
const results: Record<string, Digest> = {};
try {
  for (const query of QUERIES) {
    const output = join(folder, query.name);
    const script = scriptOf(query, {
      source: { connector: 'filesystem', path: input, format: 'json' },
      sink: { connector: 'filesystem', path: output, format: sinkFormat(query) },
    });
    await cluster.runScript(script);
    mkdirSync(output, { recursive: true });
    const rows = accumulate(query, readLines(output));
    results[query.name] = digestOf(rows);
    if (keep !== undefined) writeFileSync(join(keep, `${query.name}.rows`), rows.join('\n'));
    console.log(query.name, results[query.name]?.rows);
  }
  mkdirSync(new URL('.', fixture), { recursive: true });
  const sha256 = digestOf(readFileSync(input, 'utf8').split('\n')).sha256;
  const recorded = { engine: 'Flink 1.20.3', ...CORRECTNESS, input: sha256, results };
  writeFileSync(fixture, `${JSON.stringify(recorded, null, 2)}\n`);
} finally {
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
}
