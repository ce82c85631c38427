import { assert, MillraceError, messageOf } from '../../core/mod.ts';
import { Connection } from './connection.ts';
import { BrokerGone } from './failures.ts';
import { pauseMs } from './retry.ts';
import { type Address, addressOf, type ClusterOptions } from './settings.ts';

interface Slot {
  opening: Promise<Connection> | null;
  open: Connection | null;
  /** Failures in a row, and when the next attempt may be made. */
  failures: number;
  notBeforeMs: number;
  lastFailure: unknown;
}

/**
 * Connections to the brokers of a cluster, one per broker and lane: a broker answers the requests of one
 * connection in turn, so that whatever waits long has a lane of its own. A broker that failed is left alone
 * for a while, longer each time.
 */
export class Brokers {
  readonly #options: ClusterOptions;
  readonly #bootstrap: readonly Address[];
  readonly #slots = new Map<string, Slot>();
  #nodes: ReadonlyMap<number, Address> = new Map();
  #turn = 0;
  #isClosed = false;
  #failure: string | null = null;

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.#bootstrap = options.bootstrap.map(text => {
      const address = addressOf(text);
      if (address !== undefined) return address;
      throw new MillraceError('CONFIG_INVALID', `log.bootstrap: '${text}' is not host:port`);
    });
    assert(this.#bootstrap.length > 0, 'a cluster has brokers to begin with');
  }

  /**
   * The sentence to show while no broker can be reached; null while one is connected, before the first
   * attempt, and where brokers closed the connections because nobody asked them anything.
   */
  get failure(): string | null {
    return this.#isConnected() ? null : this.#failure;
  }

  #isConnected(): boolean {
    for (const { open } of this.#slots.values()) if (open?.isOpen) return true;
    return false;
  }

  /** One broker that is away is no failure while there are others. */
  #failed(why: string): void {
    if (!this.#isConnected()) this.#failure = why;
  }

  /** The brokers as the cluster names them. */
  get nodes(): ReadonlyMap<number, Address> {
    return this.#nodes;
  }

  /** Takes what the cluster says of its brokers; connections to those that moved are closed. */
  know(nodes: ReadonlyMap<number, Address>): void {
    this.#nodes = nodes;
    const places = new Set([...nodes.values(), ...this.#bootstrap].map(placeOf));
    for (const [key, slot] of this.#slots) {
      if (places.has(key.slice(0, key.indexOf(' ')))) continue;
      slot.open?.close();
      this.#slots.delete(key);
    }
  }

  /** A connection to this broker. */
  async node(nodeId: number, lane = 'main'): Promise<Connection> {
    const address = this.#nodes.get(nodeId);
    if (address === undefined) throw new BrokerGone(`the cluster has no broker ${nodeId} now`);
    return this.#connection(address, lane);
  }

  /** A connection to whichever broker answers: one that is open, else each in turn. */
  async any(): Promise<Connection> {
    const known = [...this.#nodes.values()];
    const places = [...known, ...this.#bootstrap.filter(b => !known.some(k => placeOf(k) === placeOf(b)))];
    for (const address of places) {
      const open = this.#slots.get(keyOf(address, 'main'))?.open;
      if (open?.isOpen) return open;
    }
    let failure: unknown = null;
    const first = this.#turn++;
    for (let i = 0; i < places.length; i++) {
      try {
        return await this.#connection(places[(first + i) % places.length]!, 'main');
      } catch (error) {
        if (!(error instanceof BrokerGone)) throw error;
        failure ??= error;
      }
    }
    throw failure;
  }

  async #connection(address: Address, lane: string): Promise<Connection> {
    if (this.#isClosed) throw new BrokerGone('the log is closed');
    const key = keyOf(address, lane);
    let slot = this.#slots.get(key);
    if (slot === undefined) {
      slot = { opening: null, open: null, failures: 0, notBeforeMs: 0, lastFailure: null };
      this.#slots.set(key, slot);
    }
    if (slot.open?.isOpen) return slot.open;
    if (slot.opening === null) {
      if (this.#options.clock.monotonicMs() < slot.notBeforeMs) throw slot.lastFailure;
      slot.opening = this.#open(address, slot).finally(() => {
        slot.opening = null;
      });
    }
    return slot.opening;
  }

  async #open(address: Address, slot: Slot): Promise<Connection> {
    try {
      const connection = await Connection.open(address, this.#options, why => this.#failed(why));
      if (this.#isClosed) {
        connection.close();
        throw new BrokerGone('the log is closed');
      }
      slot.failures = 0;
      slot.open = connection;
      this.#failure = null;
      return connection;
    } catch (error) {
      slot.failures++;
      slot.lastFailure = error;
      slot.notBeforeMs = this.#options.clock.monotonicMs() + pauseMs(slot.failures);
      this.#failed(messageOf(error));
      throw error;
    }
  }

  /** Closes the lanes of this name. */
  closeLane(lane: string): void {
    for (const [key, slot] of this.#slots) {
      if (!key.endsWith(` ${lane}`)) continue;
      slot.open?.close();
      this.#slots.delete(key);
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const slot of this.#slots.values()) slot.open?.close();
    this.#slots.clear();
  }
}

const placeOf = ({ host, port }: Address): string => `${host}:${port}`;
const keyOf = (address: Address, lane: string): string => `${placeOf(address)} ${lane}`;
