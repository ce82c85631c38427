/**
 * Change capture: the tables of a PostgreSQL database, as they are and as they change, in Debezium's events.
 */
export { type CaptureHandle, type CaptureOptions, startCapture } from './capture.ts';
export { readConfig } from './config.ts';
export { parseLsn } from './lsn.ts';
export type { CaptureStatus } from './progress.ts';
