export {
  type CheckpointEffect,
  type CheckpointEvent,
  type CheckpointState,
  decideCheckpoint,
  initialCheckpointState,
} from './checkpoint.ts';
export { nextRestart, type RestartState, type RestartStrategy } from './restart.ts';
