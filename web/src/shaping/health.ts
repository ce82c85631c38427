import type { PartStatus, ViewRow } from '../../../src/live/protocol.ts';
import type { Connection } from '../live/live-client.ts';
import { num, text } from './values.ts';

export type Signal = 'ok' | 'warn' | 'critical' | 'info';
export interface Health {
  readonly signal: Signal;
  /** One or two words for the tile. */
  readonly word: string;
  readonly sentence: string;
}

const STATES = new Set(['ok', 'degraded', 'failed', 'starting', 'stopped']);

/** Rows of `platform.status` as parts; a state this console does not know counts as degraded, not as well. */
export function shapeParts(rows: readonly ViewRow[]): PartStatus[] {
  const parts = rows.map(row => {
    const state = text(row, 'state') ?? '';
    return {
      part: text(row, 'part') ?? '?',
      state: (STATES.has(state) ? state : 'degraded') as PartStatus['state'],
      detail: text(row, 'detail') ?? '',
      ratePerS: num(row, 'ratePerS'),
      lag: num(row, 'lag'),
    };
  });
  return parts.sort((a, b) => a.part.localeCompare(b.part));
}

export function partSignal(state: PartStatus['state']): Signal {
  switch (state) {
    case 'ok':
      return 'ok';
    case 'degraded':
      return 'warn';
    case 'failed':
      return 'critical';
    case 'starting':
    case 'stopped':
      return 'info';
  }
}

export const STATE_WORD: Readonly<Record<PartStatus['state'], string>> = {
  ok: 'Working',
  degraded: 'Degraded',
  failed: 'Failed',
  starting: 'Starting',
  stopped: 'Stopped',
};

function told(parts: readonly PartStatus[], verb: string): string {
  const [first] = parts;
  if (first === undefined) return '';
  if (parts.length > 1) return `${parts.length} parts ${verb}: ${parts.map(part => part.part).join(', ')}.`;
  return `${first.part} ${verb}${first.detail ? `: ${first.detail}` : '.'}`;
}

/** The health of the whole from what each part reports; the lost connection comes before everything else. */
export function health(parts: readonly PartStatus[], phase: Connection['phase']): Health {
  if (phase === 'reconnecting')
    return { signal: 'critical', word: 'No contact', sentence: 'The connection to the platform is lost.' };
  const of = (state: PartStatus['state']) => parts.filter(part => part.state === state);
  if (of('failed').length > 0)
    return { signal: 'critical', word: 'Failed', sentence: told(of('failed'), 'failed') };
  if (of('degraded').length > 0)
    return { signal: 'warn', word: 'Degraded', sentence: told(of('degraded'), 'degraded') };
  if (of('starting').length > 0)
    return { signal: 'info', word: 'Starting', sentence: told(of('starting'), 'starting') };
  if (of('stopped').length > 0)
    return { signal: 'info', word: 'Part stopped', sentence: told(of('stopped'), 'stopped') };
  if (parts.length === 0)
    return { signal: 'info', word: 'Not known', sentence: 'No part has reported its health yet.' };
  const all = parts.length === 1 ? 'The one part is working.' : `All ${parts.length} parts are working.`;
  return { signal: 'ok', word: 'Healthy', sentence: all };
}
