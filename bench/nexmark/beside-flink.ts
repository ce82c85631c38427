import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { NexmarkQuery } from './config.ts';
import { FlinkCluster, type FlinkMeasure } from './flink.ts';
import { scriptOf, sinkFormat } from './statements.ts';

/** A Flink with the events as a file of JSON lines; each query is run once to warm up, then measured. */
export class FlinkSide {
  readonly #cluster: FlinkCluster;
  readonly #folder: string;
  readonly #input: string;

  private constructor(cluster: FlinkCluster, folder: string, input: string) {
    this.#cluster = cluster;
    this.#folder = folder;
    this.#input = input;
  }

  static async start(engines: string, core: string, folder: string, input: string): Promise<FlinkSide> {
    return new FlinkSide(await FlinkCluster.start({ engines, core }), folder, input);
  }

  /** The measured run, behind one that is not. */
  async measure(query: NexmarkQuery): Promise<FlinkMeasure> {
    await this.#run(query);
    return this.#run(query);
  }

  async #run(query: NexmarkQuery): Promise<FlinkMeasure> {
    const output = join(this.#folder, `flink-${query.name}`);
    mkdirSync(output, { recursive: true });
    const connectors = {
      source: { connector: 'filesystem', path: this.#input, format: 'json' },
      sink: { connector: 'filesystem', path: output, format: sinkFormat(query) },
    };
    try {
      return await this.#cluster.runScript(scriptOf(query, connectors));
    } finally {
      rmSync(output, { recursive: true, force: true });
    }
  }

  stop(): Promise<void> {
    return this.#cluster.stop();
  }
}
