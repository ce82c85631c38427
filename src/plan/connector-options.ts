import { MillraceError } from '../core/mod.ts';
import type { TableDeclaration } from './physical.ts';

type Given = TableDeclaration['options'];

/** Refuses options that a connector does not know, in Flink's words. */
export function refuseUnknownOptions(connector: string, given: Given, known: readonly string[]): void {
  const unknown = Object.keys(given).filter(name => !known.includes(name));
  if (unknown.length === 0) return;
  throw new MillraceError(
    'SQL_INVALID',
    `Unsupported options found for '${connector}'.\n\nUnsupported options:\n\n${unknown.sort().join('\n')}` +
      `\n\nSupported options:\n\n${[...known].sort().join('\n')}`,
  );
}

/** Refuses a table that lacks options it must have, in Flink's words. */
export function refuseMissingOptions(given: Given, required: readonly string[]): void {
  const missing = required.filter(name => given[name] === undefined);
  if (missing.length === 0) return;
  throw new MillraceError(
    'SQL_INVALID',
    `One or more required options are missing.\n\nMissing required options are:\n\n${missing.sort().join('\n')}`,
  );
}

/** An option that does not read as what it should be, in Flink's words. */
export function wrongOption(name: string, value: string, expected: string): MillraceError {
  return new MillraceError(
    'SQL_INVALID',
    `Could not parse value '${value}' for key '${name}': expected ${expected}.`,
  );
}

/** A whole number, or what holds without the option. */
export function wholeOption(given: Given, name: string, otherwise: number): number {
  const value = given[name];
  if (value === undefined) return otherwise;
  if (!/^\d{1,15}$/.test(value)) throw wrongOption(name, value, 'a whole number');
  return Number(value);
}

/** A truth value, or what holds without the option. */
export function booleanOption(given: Given, name: string, otherwise: boolean): boolean {
  const value = given[name]?.toLowerCase();
  if (value === undefined) return otherwise;
  if (value !== 'true' && value !== 'false') throw wrongOption(name, value, 'true or false');
  return value === 'true';
}
