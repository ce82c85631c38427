import type { PhysicalPlan } from '../../plan/mod.ts';

/** A short name of what a plan computes: equal plans have equal fingerprints (FNV-1a, 2 × 32 bits). */
export function planFingerprint(plan: PhysicalPlan): string {
  const text = JSON.stringify(plan.sinks, (_key, value) => {
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
