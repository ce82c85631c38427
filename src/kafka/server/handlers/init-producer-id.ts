import { Refusal } from '../../../log/mod.ts';
import { INIT_PRODUCER_ID } from '../../messages/init-producer-id.ts';
import { handler } from '../handler.ts';
import { codeSince } from '../transactions.ts';

const FENCED_SINCE = 4;

/** Gives a producer its id and epoch. */
export const initProducerId = handler(INIT_PRODUCER_ID, {
  handle: async (
    { transactionalId, transactionTimeoutMs: timeoutMs, producerId, producerEpoch },
    { broker },
  ) => {
    if ((producerId === -1) !== (producerEpoch === -1)) {
      throw new Refusal('INVALID_REQUEST', 'a producer id and its epoch come together');
    }
    const expected = producerId === -1 ? null : { producerId, producerEpoch };
    const given = await broker.transactions.initProducerId({ transactionalId, timeoutMs, expected });
    return {
      errorCode: 0,
      producerId: given.producerId,
      producerEpoch: given.producerEpoch,
      throttleTimeMs: 0,
    };
  },
  refuse: (_request, failure, context) => ({
    throttleTimeMs: 0,
    errorCode: codeSince(failure, context, FENCED_SINCE),
    producerId: -1,
    producerEpoch: -1,
  }),
});
