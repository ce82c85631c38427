import type { PartStatus } from '../live/mod.ts';

/** Something the platform runs and answers for: PostgreSQL, the log, capture, a job, the live views. */
export interface Part {
  readonly name: string;
  status(): PartStatus;
}

/** The parts there are, in the order they started. A part that failed to start is there too, and says so. */
export interface Parts {
  add(part: Part): void;
  remove(name: string): void;
  statuses(): readonly PartStatus[];
  /** True once the platform has started everything that belongs to readiness. */
  ready: boolean;
}

/** An empty list of parts. */
export function createParts(): Parts {
  const parts = new Map<string, Part>();
  return {
    add: part => parts.set(part.name, part),
    remove: name => parts.delete(name),
    statuses: () => [...parts.values()].map(part => part.status()),
    ready: false,
  };
}
