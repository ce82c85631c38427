import { clusterOf } from '../connectors/kafka/mod.ts';
import type { Clock } from '../core/mod.ts';
import { type ClusterLog, openClusterLog } from '../kafka/mod.ts';
import type { Log } from '../log/mod.ts';
import type { TableDeclaration } from '../plan/mod.ts';

/** The clusters that tables name beside the platform's own log; tables with the same properties share one. */
export class ForeignLogs {
  readonly #own: Log;
  readonly #clock: Clock;
  readonly #open = new Map<string, ClusterLog>();

  constructor(own: Log, clock: Clock) {
    this.#own = own;
    this.#clock = clock;
  }

  /** Where the table's topic is. Nothing is asked of a cluster yet. */
  of(table: TableDeclaration): Log {
    const cluster = clusterOf(table.options);
    if (cluster === null) return this.#own;
    const key = JSON.stringify(cluster);
    let log = this.#open.get(key);
    if (log === undefined) {
      log = openClusterLog({ ...cluster, clock: this.#clock });
      this.#open.set(key, log);
    }
    return log;
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#open.values(), log => log.close()));
  }
}
