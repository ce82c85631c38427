import { connect, ServerError } from '../cli/client.ts';
import type { CommandContext } from '../cli/command.ts';
import { systemClock } from '../system-clock.ts';
import { within } from '../within.ts';
import type { Target } from './target.ts';

const GIVE_UP_MS = 60_000;
const RETRY_MS = 250;
/** A request that a killed server leaves without an answer or an error is made again after it. */
const ATTEMPT_MS_MAX = 15_000;

/**
 * Appends to topics of the running Millrace. Requests carry producer and sequence, so that one repeated
 * after a lost
 * answer is stored once; while the server is down it is tried again for a minute.
 */
export async function topicTarget(context: CommandContext, topic: string, producer: string): Promise<Target> {
  const retrying = retryWhileDown(context);
  connect(context); // what does not run at all is said at once
  await retrying(() => ensureTopic(context, topic));
  const dlq = `${topic}.dlq`;
  let hasDlq = false;
  let sequence = 0;
  const append = (to: string, lines: string[]): Promise<void> => {
    const query = `producer=${producer}&sequence=${sequence++}`;
    const path = `/api/topics/${encodeURIComponent(to)}/records?${query}`;
    const headers = { 'content-type': 'application/x-ndjson' };
    return retrying(async () => {
      await (await connect(context).request('POST', path, { body: lines.join('\n'), headers })).text();
    });
  };
  return {
    write: async rows => {
      await append(
        topic,
        rows.map(row => JSON.stringify({ value: JSON.stringify(row) })),
      );
      return [];
    },
    deadLetter: async bad => {
      if (!hasDlq) await retrying(() => ensureTopic(context, dlq));
      hasDlq = true;
      await append(
        dlq,
        bad.map(letter => JSON.stringify({ value: JSON.stringify(letter) })),
      );
    },
    close: async () => undefined,
  };
}

async function ensureTopic(context: CommandContext, name: string): Promise<void> {
  try {
    await connect(context).json('POST', '/api/topics', { name });
  } catch (error) {
    if (!(error instanceof ServerError && error.code === 'TOPIC_EXISTS')) throw error;
  }
}

/** Tries again while nothing answers or the server says that it will pass. */
export function retryWhileDown(context: CommandContext): <T>(act: () => Promise<T>) => Promise<T> {
  return async act => {
    const deadline = systemClock.monotonicMs() + GIVE_UP_MS;
    for (;;) {
      try {
        return await within(act(), ATTEMPT_MS_MAX);
      } catch (error) {
        const refused = error instanceof ServerError && error.status < 500;
        if (refused || context.signal.aborted || systemClock.monotonicMs() > deadline) throw error;
        await systemClock.sleep(RETRY_MS, context.signal);
      }
    }
  };
}
