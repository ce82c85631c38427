import { readFileSync } from 'node:fs';
import { memoryUsage } from 'node:process';
import type { LiveHub, PartStatus } from '../live/mod.ts';
import type { Log, LogStats } from '../log/mod.ts';
import type { JobStatus } from './jobs/job-status.ts';
import type { Parts } from './parts.ts';

/** A process of the platform. Memory is null where the system does not tell. */
export interface ProcessStatus {
  readonly name: string;
  readonly pid: number;
  readonly rssBytes: number | null;
}

export interface ViewStatus {
  readonly view: string;
  readonly rows: number;
  readonly bytes: number;
  readonly changes: number;
  readonly evicted: number;
  readonly version: number;
}

/** What `GET /api/status` and `millrace status` tell. */
export interface Status {
  readonly version: string;
  readonly app: string | null;
  readonly ready: boolean;
  readonly startedMs: number;
  readonly uptimeS: number;
  readonly parts: readonly PartStatus[];
  readonly processes: readonly ProcessStatus[];
  readonly memory: {
    readonly rssBytes: number;
    readonly heapUsedBytes: number;
    readonly externalBytes: number;
    readonly arrayBuffersBytes: number;
  };
  /** What the states of all jobs take, and may take (`engine.memory.max-mb`); null without jobs. */
  readonly state: { readonly bytes: number; readonly maxBytes: number } | null;
  readonly log: LogStats | null;
  readonly jobs: readonly JobStatus[];
  readonly views: readonly ViewStatus[];
  readonly subscribers: number;
}

/** What the status is made of. */
export interface StatusSources {
  readonly version: string;
  readonly app: string | null;
  readonly startedMs: number;
  readonly parts: Parts;
  readonly hub: LiveHub;
  log(): Log | null;
  jobs(): readonly JobStatus[];
  state(): Status['state'];
  postgresPid(): number | null;
}

/** The status now. */
export function readStatus(sources: StatusSources, nowMs: number): Status {
  const { rss, heapUsed, external, arrayBuffers } = memoryUsage();
  const postgres = sources.postgresPid();
  return {
    version: sources.version,
    app: sources.app,
    ready: sources.parts.ready,
    startedMs: sources.startedMs,
    uptimeS: (nowMs - sources.startedMs) / 1000,
    parts: sources.parts.statuses(),
    processes: [
      { name: 'millrace', pid: process.pid, rssBytes: rss },
      ...(postgres === null ? [] : [{ name: 'postgres', pid: postgres, rssBytes: treeBytes(postgres) }]),
    ],
    memory: {
      rssBytes: rss,
      heapUsedBytes: heapUsed,
      externalBytes: external,
      arrayBuffersBytes: arrayBuffers,
    },
    state: sources.state(),
    log: sources.log()?.stats() ?? null,
    jobs: sources.jobs(),
    views: sources.hub.views().map(view => ({ view: view.spec.name, ...view.stats() })),
    subscribers: sources.hub.subscribers(),
  };
}

/** Proportional memory of a process and its children, so that shared buffers count once; Linux only. */
function treeBytes(pid: number): number | null {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean);
    return [pid, ...children].reduce((sum: number, member) => sum + proportionalBytes(member), 0);
  } catch {
    return null; // no /proc, or the process ended just now
  }
}

function proportionalBytes(pid: number | string): number {
  const found = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  return Number(found?.[1] ?? 0) * 1024;
}
