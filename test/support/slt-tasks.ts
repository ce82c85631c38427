import type { Graph } from '../../src/engine/graph.ts';
import { inOnePiece } from '../../src/engine/job/checkpoint-image.ts';
import type { SavedGraph } from '../../src/engine/job/restore-graph.ts';

/** What a checkpoint holds of a graph. */
export function saveGraph({ nodes }: Graph): SavedGraph {
  const all = [...nodes.values()];
  return {
    operators: new Map(all.map(({ id, state }) => [String(id), inOnePiece(state.snapshot())])),
    watermarks: Object.fromEntries(all.map(({ id, counters }) => [id, counters.watermark])),
  };
}

/** Deals lines to two splits in runs of three; lines with the same first cell go to the same one. */
export function shuffle(
  lines: readonly string[],
): { readonly split: string; readonly lines: readonly string[] }[] {
  const splitOf = (line: string): string => {
    let hash = 0;
    for (const char of line.slice(3).split('|')[0]!.trim()) hash = (hash * 31 + char.charCodeAt(0)) | 0;
    return String((hash ^ (hash >>> 3)) & 1);
  };
  const shares = ['1', '0'].map(split => ({ split, lines: lines.filter(line => splitOf(line) === split) }));
  const runs: { readonly split: string; readonly lines: readonly string[] }[] = [];
  for (let at = 0; at < lines.length; at += 3) {
    for (const share of shares) {
      if (at < share.lines.length) runs.push({ split: share.split, lines: share.lines.slice(at, at + 3) });
    }
  }
  return runs;
}
