import { END_TXN } from '../../messages/end-txn.ts';
import { handler } from '../handler.ts';
import { codeSince, transactionVersion } from '../transactions.ts';

const FENCED_SINCE = 2;
const BUMPS_SINCE = 5;

/** Commits or aborts. */
export const endTxn = handler(END_TXN, {
  handle: async (request, { apiVersion, broker }) => {
    const version = transactionVersion(apiVersion, BUMPS_SINCE);
    const next = await broker.transactions.end({ ...request, version });
    return {
      throttleTimeMs: 0,
      errorCode: 0,
      producerId: next.producerId,
      producerEpoch: next.producerEpoch,
    };
  },
  refuse: (_request, failure, context) => ({
    throttleTimeMs: 0,
    errorCode: codeSince(failure, context, FENCED_SINCE),
    producerId: -1,
    producerEpoch: -1,
  }),
});
