import { expect, test } from 'vitest';
import { unreachable } from '../../../src/core/mod.ts';
import { Checkpointing } from '../../../src/engine/job/checkpointing.ts';
import { systemClock } from '../../../src/platform/system-clock.ts';
import { memoryCheckpoints } from '../../support/parallel-job.ts';

test('who asks for a checkpoint of an attempt that has stopped is told why, and does not wait', async () => {
  const never = new Promise<never>(() => undefined);
  const checkpointing = new Checkpointing(
    {
      ...{ clock: systemClock, storage: memoryCheckpoints(), intervalMs: 1000 },
      signal: new AbortController().signal,
      capture: () => never,
      commit: async () => undefined,
      fail: error => unreachable(error as never),
    },
    0,
  );
  const before = checkpointing.request();
  checkpointing.stop(new Error('its source broke'));
  await expect(before).rejects.toThrow('its source broke');
  await expect(checkpointing.request()).rejects.toThrow('its source broke');
});
