import { APIS, DESCRIBE_GROUPS, FIND_COORDINATOR } from '../../../src/kafka/messages/mod.ts';
import { Wire } from '../kafka-wire.ts';
import type { Scenario, Step, Wait } from './steps.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** What was answered to one step, in comparable form. */
export interface GroupAnswer {
  readonly step: string;
  readonly response: Json;
}

const TRIES_MAX = 100_000;

/** Plays scenarios against a broker, each member on a connection of its own. */
export class GroupReplay implements AsyncDisposable {
  readonly #port: number;
  readonly #wires = new Map<string, Wire>();
  readonly #waiting = new Map<string, { readonly step: Step; readonly response: Promise<unknown> }>();
  readonly #members = new Map<string, string>();
  readonly #topics = new Map<string, string>();

  constructor(port: number) {
    this.#port = port;
  }

  /** Resolves when groups are served: a fresh Kafka first makes the topic for their offsets. */
  async ready(groupId: string): Promise<void> {
    const wire = await this.#wire('watcher');
    for (let i = 0; i < TRIES_MAX; i++) {
      const found = await wire.ask(FIND_COORDINATOR, 1, { key: groupId, keyType: 0 });
      const { groups } = await wire.ask(DESCRIBE_GROUPS, 4, { groups: [groupId] });
      if (found.errorCode === 0 && groups[0]?.errorCode === 0) return;
    }
    throw new Error('groups are not served');
  }

  async play({ steps }: Pick<Scenario, 'steps'>): Promise<GroupAnswer[]> {
    const answers: GroupAnswer[] = [];
    for (const step of steps) {
      const answer = 'api' in step ? await this.#step(step) : await this.#wait(step);
      if (answer !== null) answers.push(answer);
    }
    return answers;
  }

  async #step(step: Step): Promise<GroupAnswer | null> {
    const wire = await this.#wire(step.on);
    const api = APIS.get(step.api)!;
    const response = wire.ask(api, step.version, this.#filled(step.request) as never);
    if (step.until === undefined) return this.#answer(step, await response, step.as);
    this.#waiting.set(step.on, { step, response });
    response.catch(() => undefined);
    await this.#until(String(step.request['groupId']), step.until);
    return null;
  }

  async #wait(wait: Wait): Promise<GroupAnswer | null> {
    if ('until' in wait) {
      await this.#until(wait.group, wait.until);
      return null;
    }
    const { step, response } = this.#waiting.get(wait.collect)!;
    return this.#answer(step, await response, wait.as);
  }

  /** Ask until the group looks so: what was sent on another connection has arrived then. */
  async #until(groupId: string, { state, members }: NonNullable<Step['until']>): Promise<void> {
    const wire = await this.#wire('watcher');
    for (let i = 0; i < TRIES_MAX; i++) {
      const { groups } = await wire.ask(DESCRIBE_GROUPS, 4, {
        groups: [groupId],
        includeAuthorizedOperations: false,
      });
      if (groups[0]?.groupState === state && groups[0].members.length === members) return;
    }
    throw new Error(`the group never was ${state} with ${members} members`);
  }

  async #wire(name: string): Promise<Wire> {
    let wire = this.#wires.get(name);
    if (wire === undefined) this.#wires.set(name, (wire = await Wire.open(this.#port)));
    return wire;
  }

  #answer(step: Step, response: unknown, as: string | undefined): GroupAnswer {
    const { memberId, topics } = response as { memberId?: string; topics?: unknown };
    if (as !== undefined && memberId !== undefined && memberId !== '') this.#members.set(memberId, as);
    if (Array.isArray(topics)) {
      for (const { name, topicId } of topics)
        if (/[^A]/.test(topicId ?? '') && name) this.#topics.set(topicId, name);
    }
    return {
      step: `${step.on} ${APIS.get(step.api)!.name} v${step.version}`,
      response: this.#blanked(response, ''),
    };
  }

  /** Puts ids and bytes where the step names them. */
  #filled(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(part => this.#filled(part));
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, this.#filled(part)]));
    }
    if (typeof value !== 'string') return value;
    const [, kind, name] = /^(MEMBER|ID|BASE64):(.*)$/.exec(value) ?? [];
    if (kind === 'BASE64') return new Uint8Array(Buffer.from(name!, 'base64'));
    if (kind === undefined) return value;
    const known = kind === 'MEMBER' ? this.#members : this.#topics;
    return [...known].find(([, called]) => called === name)?.[0] ?? value;
  }

  /** Names for ids, text for bytes, and lists whose order means nothing in one order. */
  #blanked(value: unknown, name: string): Json {
    if (value === null || value === undefined) return null;
    if (name === 'host' || name === 'port') return `(${name})`;
    if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
    if (Array.isArray(value)) {
      const parts = value.map(part => this.#blanked(part, ''));
      return parts.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    }
    if (typeof value === 'object') {
      const parts = Object.entries(value).map(([part, inner]) => [part, this.#blanked(inner, part)]);
      const all = Object.fromEntries(parts) as { readonly [name: string]: Json };
      // Why something is refused everybody says in their own words.
      return all['errorCode'] && all['errorMessage'] ? { ...all, errorMessage: '(message)' } : all;
    }
    if (typeof value !== 'string') return value as Json;
    const member = this.#members.get(value);
    if (member !== undefined) return `MEMBER:${member}`;
    const topic = this.#topics.get(value);
    if (topic !== undefined) return `ID:${topic}`;
    return /-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value) ? '(some member)' : value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const wire of this.#wires.values()) await wire[Symbol.asyncDispose]();
  }
}
