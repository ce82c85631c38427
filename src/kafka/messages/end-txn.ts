import { api, bool, int16, int32, int64, string } from './schema.ts';

/** Commits or aborts a transaction; from version 5 the producer gets its next epoch by it (KIP-890). */
export const END_TXN = api({
  name: 'EndTxn',
  key: 26,
  versions: [0, 5],
  flexibleFrom: 3,
  request: {
    transactionalId: string('0+'),
    producerId: int64('0+'),
    producerEpoch: int16('0+'),
    committed: bool('0+'),
  },
  response: {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    producerId: int64('5+', { default: -1, ignorable: true }),
    producerEpoch: int16('5+', { default: -1, ignorable: true }),
  },
});
