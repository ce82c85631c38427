import type { Asked } from '../kafka-answers.ts';

/** A request as data. */
export const ask = (
  title: string,
  api: number,
  version: number,
  request: Record<string, unknown>,
): Asked => ({
  title,
  api,
  version,
  request,
});

/** Settings as requests name them. */
export const configs = (values: Record<string, string | null>) =>
  Object.entries(values).map(([name, value]) => ({ name, value }));

/** Kafka's numbers of what has settings. */
export const [TOPIC, BROKER] = [2, 4];
