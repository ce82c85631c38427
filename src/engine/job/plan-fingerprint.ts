import type { PhysicalPlan } from '../../plan/mod.ts';

/** Options of a table that say how its cluster is reached and who asks, and nothing of what is computed. */
const OF_CLIENTS = 'properties.';

/** A short name of what a plan computes: equal plans have equal fingerprints (FNV-1a, 2 × 32 bits). */
export function planFingerprint(plan: PhysicalPlan): string {
  const text = JSON.stringify(plan.sinks, (key, value) => {
    if (key === 'options') return withoutClients(value as Readonly<Record<string, string>>);
    if (typeof value === 'bigint') return `${value}n`;
    return value instanceof Uint8Array ? [...value] : value;
  });
  let [a, b] = [0x811c9dc5, 0x9e3779b9];
  for (let i = 0; i < text.length; i++) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193);
    b = Math.imul(b ^ text.charCodeAt(i), 0x85ebca6b);
  }
  return [a, b].map(part => (part >>> 0).toString(16).padStart(8, '0')).join('');
}

const withoutClients = (options: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(options).filter(([name]) => !name.startsWith(OF_CLIENTS)));
