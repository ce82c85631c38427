/**
 * The PostgreSQL beside the process: an embedded one that is created, started, supervised and adopted, or
 * any address.
 */
export type { PostgresHandle } from './address.ts';
export { type OpenPostgresOptions, openPostgres } from './open.ts';
