import { MillraceError } from '../../core/mod.ts';

/**
 * What a peer sent does not fit Kafka's grammar. There is no answer to such a request: its connection is
 * closed, as Kafka does.
 */
export function malformed(what: string): MillraceError {
  return new MillraceError('FORMAT_INVALID', what);
}
