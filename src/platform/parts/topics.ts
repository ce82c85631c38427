import type { AppConnector } from '../../app/mod.ts';
import type { TopicConfig } from '../../log/mod.ts';
import { need, type Services } from '../services.ts';

/**
 * Creates the topics that the application declares and that are missing; and those of captured tables,
 * which exist from
 * the start although nothing may have changed in them yet, so that jobs can read them.
 */
export async function createTopics(services: Services): Promise<void> {
  const log = need(services.log, 'the log');
  const app = services.app!;
  const known = new Set((await log.topics()).map(topic => topic.name));
  for (const { name, partitions, config } of app.topics) {
    if (!known.has(name)) await log.createTopic(name, partitions, config as TopicConfig);
    known.add(name);
  }
  for (const { name, partitions } of app.connectors.flatMap(capturedTopics)) {
    if (!known.has(name)) await log.createTopic(name, partitions);
  }
}

/** Debezium's names, where the connector lists its tables plainly and not by patterns. */
function capturedTopics({ config }: AppConnector): { readonly name: string; readonly partitions: number }[] {
  const prefix = config['topic.prefix'];
  const tables = (config['table.include.list'] ?? '').split(',').map(table => table.trim());
  const partitions = Number(config['topic.creation.default.partitions'] ?? 1);
  return tables.flatMap(table =>
    prefix !== undefined && /^\w+\.\w+$/.test(table) ? [{ name: `${prefix}.${table}`, partitions }] : [],
  );
}
