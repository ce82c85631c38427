import { lifecycle, oldVersions, rebalance, sessions, staticMembers } from './membership.ts';
import { coordinators, offsets, otherTypes, refusals } from './others.ts';
import type { Scenario } from './steps.ts';

/** What members and tools ask a broker whose groups are empty. */
export const GROUP_SCENARIOS: readonly Scenario[] = [
  coordinators,
  lifecycle,
  oldVersions,
  rebalance,
  staticMembers,
  sessions,
  refusals,
  offsets,
  otherTypes,
];
