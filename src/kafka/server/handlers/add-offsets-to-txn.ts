import { ADD_OFFSETS_TO_TXN } from '../../messages/add-offsets-to-txn.ts';
import { handler } from '../handler.ts';
import { codeSince } from '../transactions.ts';

const FENCED_SINCE = 2;

/** A group's offsets become part of a transaction. */
export const addOffsetsToTxn = handler(ADD_OFFSETS_TO_TXN, {
  handle: async ({ groupId, ...producer }, { broker }) => {
    await broker.transactions.addOffsets(producer, groupId);
    return { throttleTimeMs: 0, errorCode: 0 };
  },
  refuse: (_request, failure, context) => ({
    throttleTimeMs: 0,
    errorCode: codeSince(failure, context, FENCED_SINCE),
  }),
});
