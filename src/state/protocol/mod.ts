export { type AlignmentState, decideAlignment, initialAlignment } from './alignment.ts';
export { assignSplits } from './assignment.ts';
export {
  type CheckpointEffect,
  type CheckpointEvent,
  type CheckpointState,
  decideCheckpoint,
  initialCheckpointState,
} from './checkpoint.ts';
export { type KeyGroupRange, keyGroupsOf, taskOf } from './key-groups.ts';
export {
  type ExponentialDelay,
  type Failure,
  nextRestart,
  type RestartState,
  type RestartStrategy,
} from './restart.ts';
