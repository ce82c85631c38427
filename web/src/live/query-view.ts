import type { UseQueryResult } from '@tanstack/react-query';
import type { ViewSnapshot } from './live-client.ts';

/** What was asked over HTTP, as a panel shows it: its age, its failure; good data stay through failures. */
export function queryView(query: UseQueryResult<unknown>): ViewSnapshot {
  return {
    rows: [],
    loaded: query.data !== undefined,
    asOfMs: query.dataUpdatedAt > 0 ? query.dataUpdatedAt : null,
    evicted: 0,
    changedAtMs: () => null,
    error: query.error === null ? null : { message: query.error.message, sinceMs: query.errorUpdatedAt },
  };
}
