export type SettingType = 'string' | 'integer' | 'boolean' | 'list';

/** A setting: what it is called, what fits, what it is when nobody says, and what it does. */
export interface Setting {
  readonly name: string;
  readonly type: SettingType;
  readonly default: string | number | boolean | readonly string[];
  readonly description: string;
  /** The values that fit, where only some do. */
  readonly choices?: readonly string[];
  /** Smallest and largest integer that fit. */
  readonly range?: readonly [number, number];
  /** A password: taken from the environment and from files, not from a command line, which others see. */
  readonly secret?: true;
}

/** Keeps a setting's name and type as they are written. */
export const setting = <const S extends Setting>(s: S): S => s;
