/**
 * Change capture: the tables of a PostgreSQL database, as they are and as they change, in Debezium's events.
 */
export {
  type CaptureHandle,
  type CaptureLogger,
  type CaptureOptions,
  startCapture,
} from './capture.ts';
export { type CaptureConfig, readConfig } from './config.ts';
export { parseLsn, printLsn } from './lsn.ts';
export type { CaptureStatus } from './progress.ts';
export type { Phase as CapturePhase } from './state.ts';
