import { END_TXN, INIT_PRODUCER_ID } from '../../../src/kafka/messages/mod.ts';
import { describe, end, init, type Player, produce, read } from './requests.ts';
import type { Session } from './session.ts';

/** The last epoch that a producer is given: one more is kept back to fence it. */
const LAST_EPOCH = 32_766;

/**
 * All epochs of a producer id are used up, by transactions and by producers that begin: minutes with a real
 * Kafka. Returns how many.
 */
export async function exhaustion(s: Session): Promise<number> {
  await s.broker.createTopic(`${s.prefix}t`, 1);
  const a = await endUpTo(s, await init(s, 'a', 5), LAST_EPOCH - 1);
  const last = await end(s, a, 5, false);
  await produce(s, last, 12, 't', 0);
  const next = await end(s, last, 5, true);
  await end(s, last, 5, true);
  await end(s, last, 5, false);
  await describe(s, 'a');
  await produce(s, last, 12, 't', 1);
  await produce(s, next, 12, 't', 0);
  await end(s, next, 5, false);
  await read(s, 't');
  const b = await beginUpTo(s, await init(s, 'b', 4), LAST_EPOCH);
  await init(s, 'b', 4, { expected: b });
  await init(s, 'b', 4, { expected: b });
  await init(s, 'b', 4);
  const c = await beginUpTo(s, await init(s, 'c', 4), LAST_EPOCH);
  await produce(s, c, 12, 't', 0);
  await init(s, 'c', 4, { once: true });
  await init(s, 'c', 4);
  await describe(s, 'b', 'c');
  await read(s, 't');
  return a.producerEpoch + b.producerEpoch + c.producerEpoch;
}

/** Ends transactions that were never begun. */
async function endUpTo(s: Session, player: Player, epoch: number): Promise<Player> {
  let { producerId, producerEpoch } = player;
  const transactionalId = s.prefix + player.id;
  while (producerEpoch < epoch) {
    const answer = await s.quietly(END_TXN, 5, {
      transactionalId,
      producerId,
      producerEpoch,
      committed: false,
    });
    ({ producerId, producerEpoch } = answer);
  }
  return { ...player, producerId, producerEpoch };
}

async function beginUpTo(s: Session, player: Player, epoch: number): Promise<Player> {
  let { producerId, producerEpoch } = player;
  const request = { transactionalId: s.prefix + player.id, transactionTimeoutMs: 60_000 };
  while (producerEpoch < epoch)
    ({ producerId, producerEpoch } = await s.quietly(INIT_PRODUCER_ID, 4, request));
  return { ...player, producerId, producerEpoch };
}
