import { GroupMetadata, type Member, type MemberUsage, metadataOf, NO_BYTES } from './group-state.ts';

/** What is kept of a group: enough for its members to go on after a restart as if nothing had been. */
export interface StoredGroup {
  readonly protocolType: string | null;
  readonly generation: number;
  readonly protocol: string | null;
  readonly leader: string | null;
  readonly stateSinceMs: number;
  readonly members: readonly StoredMember[];
}

interface StoredMember {
  readonly id: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeoutMs: number;
  readonly sessionTimeoutMs: number;
  /** Both in base64; the metadata is that of the chosen protocol. */
  readonly metadata: string;
  readonly assignment: string;
}

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');

export function storedGroup(
  group: GroupMetadata,
  assignments: ReadonlyMap<string, Uint8Array> | null,
): StoredGroup {
  const { protocolType, generation, protocol, leader, stateSinceMs } = group;
  const members = Array.from(group.members.values(), member => ({
    id: member.id,
    instanceId: member.instanceId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    rebalanceTimeoutMs: member.rebalanceTimeoutMs,
    sessionTimeoutMs: member.sessionTimeoutMs,
    metadata: base64(metadataOf(member, protocol ?? '')),
    assignment: base64(assignments === null ? member.assignment : (assignments.get(member.id) ?? NO_BYTES)),
  }));
  return { protocolType, generation, protocol, leader, stateSinceMs, members };
}

/** The group as it was when it was stored; no session runs yet. */
export function restoredGroup(id: string, stored: StoredGroup, usage: MemberUsage): GroupMetadata {
  const group = new GroupMetadata(id, stored.stateSinceMs, usage);
  group.generation = stored.generation;
  group.protocolType = stored.protocolType;
  for (const kept of stored.members) {
    const metadata = new Uint8Array(Buffer.from(kept.metadata, 'base64'));
    const member: Member = {
      id: kept.id,
      instanceId: kept.instanceId,
      clientId: kept.clientId,
      clientHost: kept.clientHost,
      rebalanceTimeoutMs: kept.rebalanceTimeoutMs,
      sessionTimeoutMs: kept.sessionTimeoutMs,
      protocols: [{ name: stored.protocol ?? '', metadata }],
      assignment: new Uint8Array(Buffer.from(kept.assignment, 'base64')),
      joinTicket: null,
      syncTicket: null,
      isNew: false,
      deadlineMs: Number.POSITIVE_INFINITY,
      watchedMs: Number.POSITIVE_INFINITY,
    };
    group.add(member, stored.protocolType ?? '');
  }
  group.protocol = stored.protocol;
  group.leader = stored.leader;
  if (stored.members.length > 0) group.state = 'Stable';
  group.findSubscribed();
  return group;
}
