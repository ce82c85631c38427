import { type GroupMetadata, metadataOf, NO_BYTES } from './group-state.ts';
import type { DescribedGroup, ListedGroup } from './messages.ts';

export const listed = (group: GroupMetadata): ListedGroup => ({
  groupId: group.id,
  protocolType: group.protocolType ?? '',
  state: group.state,
  type: 'classic',
});

/** A group with its members. What they bring is told of a stable group only, as what is meant may change. */
export function described(group: GroupMetadata): DescribedGroup {
  const isStable = group.state === 'Stable';
  const protocol = isStable ? (group.protocol ?? '') : '';
  return {
    groupId: group.id,
    state: group.state,
    protocolType: group.protocolType ?? '',
    protocol,
    members: Array.from(group.members.values(), member => ({
      memberId: member.id,
      groupInstanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      metadata: isStable ? metadataOf(member, protocol) : NO_BYTES,
      assignment: member.assignment,
    })),
  };
}
