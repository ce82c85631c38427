import { afterAll, beforeAll, describe, test } from 'vitest';
import { FAILPOINTS } from '../../src/core/mod.ts';
import { appended, expectValid, underLoad } from '../support/kills.ts';
import { type Millrace, startMillrace } from '../support/millrace.ts';

/**
 * The steps every running application passes; the other failpoints (segment roll, compaction, retention) are
 * walked by
 * the tests of the log, whose segments are small enough for it.
 */
const PASSED = FAILPOINTS.filter(name =>
  /^(capture|checkpoint|sink|log\.append|log\.transaction)\./.test(name),
);
/**
 * Far enough that what a start does by itself is behind and rows are moving. Sinks that wait for a window
 * commit once a
 * minute.
 */
const passings = (name: string): number => (/^(sink|log\.append)\./.test(name) ? 2 : 12);

describe('FT-X14: kill -9 at each step of capture, transaction, checkpoint and sink', () => {
  let millrace: Millrace;
  beforeAll(async () => {
    millrace = await startMillrace({ args: ['--generator.rate', '6000'] });
  });
  afterAll(() => millrace?.dispose());

  test.each(PASSED)('%s', async name => {
    await millrace.stop();
    await millrace.startUntilKilled({ MILLRACE_FAILPOINT: `${name}:${passings(name)}` });
    await millrace.start();
    console.log(
      `killed at ${name}, ${await appended(millrace)} records in the log, ${await underLoad(millrace)} just now`,
    );
    expectValid(millrace);
  });
});
