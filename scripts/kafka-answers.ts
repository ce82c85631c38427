/**
 * Asks a fresh real Kafka what administrators ask and keeps its answers as fixtures, with which ours are
 * compared: `node scripts/kafka-answers.ts PORT`. The broker has node id 1 and creates no topics by itself.
 */
import { writeFileSync } from 'node:fs';
import { adminRequests } from '../test/support/kafka-admin/requests.ts';
import { askAll } from '../test/support/kafka-answers.ts';
import { Wire } from '../test/support/kafka-wire.ts';

const FILE = new URL('../test/fixtures/kafka/admin-answers.jsonl', import.meta.url);

const port = Number(process.argv[2]);
await using wire = await Wire.open(port);
const answers = await askAll(wire, adminRequests());
writeFileSync(FILE, answers.map(answer => `${JSON.stringify(answer)}\n`).join(''));
console.log(`${answers.length} answers`);
