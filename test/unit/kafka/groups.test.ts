import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { seededRng } from '../../../src/core/mod.ts';
import { openKafkaServer } from '../../../src/kafka/mod.ts';
import { openEmbeddedLog } from '../../../src/log/mod.ts';
import { systemClock } from '../../../src/platform/system-clock.ts';
import { type GroupAnswer, GroupReplay } from '../../support/groups/replay.ts';
import { GROUP_SCENARIOS } from '../../support/groups/scenarios.ts';
import { BROKER_SETTINGS, PREPARATION } from '../../support/groups/steps.ts';
import { MemoryDisk } from '../../support/memory-disk.ts';

/**
 * What a real Kafka 4.3.1 answered to scripted members of groups, beside what we answer. With
 * MILLRACE_RECORD_PORT set to the port of a fresh Kafka with `BROKER_SETTINGS` its answers are recorded instead.
 */
const folder = new URL('../../fixtures/kafka/groups/', import.meta.url);
const recordPort = process.env['MILLRACE_RECORD_PORT'];

async function ourBroker() {
  const log = await openEmbeddedLog({
    storage: new MemoryDisk(seededRng(3)).mount(),
    clock: systemClock,
    directory: '/log',
    groups: {
      initialRebalanceDelayMs: BROKER_SETTINGS['group.initial.rebalance.delay.ms'],
      sessionTimeoutMsMin: BROKER_SETTINGS['group.min.session.timeout.ms'],
      membersMax: BROKER_SETTINGS['group.max.size'],
    },
  });
  const said: string[] = [];
  const server = await openKafkaServer({
    broker: log,
    clock: systemClock,
    listeners: [
      { name: 'PLAINTEXT', host: '127.0.0.1', port: 0, portsMax: 0, advertised: null, security: 'PLAINTEXT' },
    ],
    say: line => said.push(line),
  });
  return {
    port: server.listeners[0]!.port,
    said,
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await log.close();
    },
  };
}

async function answersOf(port: number, scenario: (typeof GROUP_SCENARIOS)[number]): Promise<GroupAnswer[]> {
  await using replay = new GroupReplay(port);
  await replay.ready('g');
  await replay.play({ steps: PREPARATION });
  return await replay.play(scenario);
}

describe('groups answer as Kafka 4.3.1', () => {
  test.each(GROUP_SCENARIOS.map(scenario => [scenario.name, scenario] as const))(
    '%s',
    async (name, scenario) => {
      const file = new URL(`${name}.json`, folder);
      if (recordPort !== undefined) {
        const answers = await answersOf(Number(recordPort), scenario);
        mkdirSync(folder, { recursive: true });
        writeFileSync(file, `${JSON.stringify(answers, null, 1)}\n`);
      }
      expect(existsSync(file), `${name} is recorded`).toBe(true);
      const recorded = JSON.parse(readFileSync(file, 'utf8')) as GroupAnswer[];
      await using ours = await ourBroker();
      const answers = await answersOf(ours.port, scenario);
      for (const [i, answer] of answers.entries()) expect({ i, ...answer }).toEqual({ i, ...recorded[i] });
      expect(answers).toHaveLength(recorded.length);
      expect(ours.said).toEqual([]);
    },
  );
});
