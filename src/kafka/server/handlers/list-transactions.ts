import type { TransactionState } from '../../../log/mod.ts';
import { TRANSACTION_STATES } from '../../../log/mod.ts';
import { LIST_TRANSACTIONS } from '../../messages/list-transactions.ts';
import { handler } from '../handler.ts';
import { idPattern } from '../id-pattern.ts';

/** Lists transactional ids; states that nobody knows are told, and match nothing. */
export const listTransactions = handler(LIST_TRANSACTIONS, {
  handle: (request, { broker }) => {
    const { stateFilters, producerIdFilters, durationFilter, transactionalIdPattern } = request;
    const states = stateFilters.filter(isState);
    const unknownStateFilters = stateFilters.filter(name => !isState(name));
    const matches = transactionalIdPattern ? idPattern(transactionalIdPattern) : null;
    const durationMs = durationFilter >= 0 ? durationFilter : null;
    const isNothingMeant = stateFilters.length > 0 && states.length === 0;
    const found = isNothingMeant
      ? []
      : broker.transactions.list({ states, producerIds: producerIdFilters, durationMs, matches });
    return {
      throttleTimeMs: 0,
      errorCode: 0,
      unknownStateFilters,
      transactionStates: found.map(({ transactionalId, producerId, state }) => {
        return { transactionalId, producerId, transactionState: state };
      }),
    };
  },
  refuse: (_request, { code }) => ({
    throttleTimeMs: 0,
    errorCode: code,
    unknownStateFilters: [],
    transactionStates: [],
  }),
});

const isState = (name: string): name is TransactionState => TRANSACTION_STATES.some(state => state === name);
