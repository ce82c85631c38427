import { Refusal } from '../../log/mod.ts';
import { LEADER_EPOCH } from './context.ts';

/** Refuses a client that knows of another leader than there is (KIP-320); -1: it knows of none. */
export function checkLeaderEpoch(currentLeaderEpoch: number): void {
  if (currentLeaderEpoch < 0 || currentLeaderEpoch === LEADER_EPOCH) return;
  if (currentLeaderEpoch < LEADER_EPOCH)
    throw new Refusal('FENCED_LEADER_EPOCH', 'the leader epoch is older');
  throw new Refusal('UNKNOWN_LEADER_EPOCH', 'the leader epoch is newer than the one here');
}
