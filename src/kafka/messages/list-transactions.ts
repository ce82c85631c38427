import { api, array, int16, int32, int64, string } from './schema.ts';

/** Lists transactions, by state, producer and age if asked. */
export const LIST_TRANSACTIONS = api({
  name: 'ListTransactions',
  key: 66,
  versions: [0, 2],
  flexibleFrom: 0,
  request: {
    stateFilters: array('0+', 'string'),
    producerIdFilters: array('0+', 'int64'),
    durationFilter: int64('1+', { default: -1 }),
    transactionalIdPattern: string('2+', { nullable: '2+', default: null }),
  },
  response: {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    unknownStateFilters: array('0+', 'string'),
    transactionStates: array('0+', {
      transactionalId: string('0+'),
      producerId: int64('0+'),
      transactionState: string('0+'),
    }),
  },
});
