import type { KafkaErrorName } from '../../log/mod.ts';

/** Counts of one API since start. */
export interface ApiCounts {
  requests: number;
  requestBytes: number;
  responseBytes: number;
  readonly errors: Map<KafkaErrorName, number>;
}

/** What a server counts. */
export class Metrics {
  readonly apis = new Map<string, ApiCounts>();
  connectionsOpened = 0;
  /** Turned away because there were too many already. */
  connectionsRefused = 0;
  /** Ended by us, with a line in the log. */
  connectionsEnded = 0;
  loginsFailed = 0;

  of(apiName: string): ApiCounts {
    let counts = this.apis.get(apiName);
    if (counts === undefined) {
      counts = { requests: 0, requestBytes: 0, responseBytes: 0, errors: new Map() };
      this.apis.set(apiName, counts);
    }
    return counts;
  }

  /** An error that was answered, for the request or for one of its parts. */
  error(apiName: string, name: KafkaErrorName): void {
    const { errors } = this.of(apiName);
    errors.set(name, (errors.get(name) ?? 0) + 1);
  }
}
