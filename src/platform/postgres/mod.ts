/**
 * The PostgreSQL beside the process: an embedded one that is created, started, supervised and adopted, or
 * any address.
 */
export { type OpenPostgresOptions, openPostgres, type PostgresHandle } from './open.ts';
