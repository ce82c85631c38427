import type { Lookup } from '../../contract/mod.ts';
import { MillraceError } from '../../core/mod.ts';
import type { LookupJoinNode } from '../../plan/mod.ts';
import type { Lookups } from '../operators/mod.ts';
import type { TaskHost } from './task-types.ts';

/** The tables that a task's lookup joins ask. */
export class LookupSet implements Lookups {
  readonly #host: Pick<TaskHost, 'tables' | 'clock'>;
  readonly #signal: AbortSignal;
  readonly #opened: Lookup[] = [];

  constructor(host: Pick<TaskHost, 'tables' | 'clock'>, signal: AbortSignal) {
    this.#host = host;
    this.#signal = signal;
  }

  open({ table, projection, tableKeys }: LookupJoinNode): Lookup {
    const { lookup } = this.#host.tables;
    if (lookup === undefined) {
      throw new MillraceError('SQL_UNSUPPORTED', `The table '${table.name}' can't be asked by key here.`);
    }
    const opened = lookup(
      table,
      projection,
      tableKeys.map(key => projection[key]!),
    );
    this.#opened.push(opened);
    return opened;
  }

  sleep(ms: number): Promise<void> {
    return this.#host.clock.sleep(ms, this.#signal);
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#opened.map(lookup => lookup.close()));
  }
}
