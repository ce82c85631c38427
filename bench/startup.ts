import { readFileSync } from 'node:fs';
import { startMillrace } from '../test/support/millrace.ts';
import { printFigures } from './print.ts';

const residentMb = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

/**
 * Seconds from spawn to ready, cold and warm, and memory of Node beside PostgreSQL; the baseline is an empty
 * Node.
 */
export async function bench(): Promise<void> {
  const coldBegan = performance.now();
  const millrace = await startMillrace();
  const cold = (performance.now() - coldBegan) / 1000;
  try {
    await millrace.stop();
    const warmBegan = performance.now();
    await millrace.start();
    const warm = (performance.now() - warmBegan) / 1000;
    printFigures('start until ready', { 'first s': cold.toFixed(2), 'warm s': warm.toFixed(2) });
    await new Promise(resolve => setTimeout(resolve, 5000));
    const own = residentMb(millrace.pid());
    const empty = residentMb(process.pid);
    printFigures('resident MB', {
      'Flavor Trend at its default rate': own.toFixed(0),
      'this bench (plain Node)': empty.toFixed(0),
      ratio: (own / empty).toFixed(2),
    });
  } finally {
    await millrace.dispose();
  }
}
