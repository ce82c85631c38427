import { expect, it } from 'vitest';
import { murmur2 } from '../../../src/log/partitioner.ts';

it("murmur2 gives the values of Kafka's own test", () => {
  const cases = { '21': -973932308, foobar: -790332482, 'a-little-bit-long-string': -985981536 };
  const longer = {
    'a-little-bit-longer-string': -1486304829,
    lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8: -58897971,
  };
  for (const [text, expected] of Object.entries({ ...cases, ...longer, abc: 479470107 })) {
    expect([text, murmur2(Buffer.from(text))]).toEqual([text, expected]);
  }
});
