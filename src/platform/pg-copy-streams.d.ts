/** The part of pg-copy-streams that is used; the package has no types. */
declare module 'pg-copy-streams' {
  import type { Writable } from 'node:stream';
  import type { Submittable } from 'pg';
  /** COPY … FROM STDIN as a stream to write into. */
  export function from(sql: string): Writable & Submittable;
}
