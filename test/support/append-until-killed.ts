import { nodeStorage, openEmbeddedLog } from '../../src/log/mod.ts';
import { armKillFromEnvironment } from '../../src/platform/failpoint-kill.ts';
import { systemClock } from '../../src/platform/system-clock.ts';

/*
 * Run as a program: appends to the log in the folder named by the argument until it is killed, many at once,
 * and prints `a <sequence>` and `c <sequence>` for every acknowledged append and commit.
 */
const log = await openEmbeddedLog({
  storage: nodeStorage(),
  clock: systemClock,
  directory: process.argv[2] as string,
  segmentBytes: 4000,
  snapshotIntervalBytes: 1500,
});
if ((await log.describeTopic('t')) === undefined) await log.createTopic('t', 1);
const at = { topic: 't', partition: 0 };
let sequence = await log.lastSequence(at, 'p');
const writer = await log.openWriter('w');
let committed = writer.state.sequence;
armKillFromEnvironment(process.env);

const record = (text: string) => ({ key: null, value: Buffer.from(text) });
const append = async (own: number): Promise<void> => {
  await log.append(at, [record(`a${own}`)], { producer: 'p', sequence: own });
  process.stdout.write(`a ${own}\n`);
};
const commit = async (own: number): Promise<void> => {
  const parts = [{ ...at, records: [record(`c${own}`)] }];
  await writer.commit({ sequence: own, position: own, parts });
  process.stdout.write(`c ${own}\n`);
};
for (;;) {
  await Promise.all([append(++sequence), append(++sequence), commit(++committed), commit(++committed)]);
}
