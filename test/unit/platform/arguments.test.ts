import { describe, expect, test } from 'vitest';
import { parseArguments } from '../../../src/platform/cli/arguments.ts';
import { COMMANDS } from '../../../src/platform/cli/commands/mod.ts';
import { commandHelp, overviewHelp } from '../../../src/platform/cli/help.ts';

const command = (name: string) => COMMANDS.find(known => known.name === name)!;
const parse = (name: string, ...argv: string[]) => parseArguments(command(name), argv);

describe('the command line', () => {
  test('positionals, own flags and settings are told apart', () => {
    const { positionals, flags, settings } = parse(
      'start',
      'my-app',
      '--http.port',
      '9000',
      '--only=log',
      '--dev',
    );
    expect(positionals).toEqual(['my-app']);
    expect(flags.get('only')).toEqual(['log']);
    expect(flags.get('dev')).toEqual(['true']);
    expect([...settings]).toEqual([['http.port', '9000']]);
  });

  test('a switch for a boolean setting needs no value, and a short flag is its long one', () => {
    expect([...parse('start', '--generator.enabled', 'false').settings]).toEqual([
      ['generator.enabled', 'false'],
    ]);
    expect([...parse('start', '--generator.enabled').settings]).toEqual([['generator.enabled', 'true']]);
    expect(parse('consume', 't', '-n', '3').flags.get('limit')).toEqual(['3']);
  });

  test('what is unknown or missing is refused with the remedy', () => {
    expect(() => parse('start', '--http.prot', '1')).toThrow(/Did you mean --http.port\?/);
    expect(() => parse('replay')).toThrow(/replay needs FILE/);
    expect(() => parse('stop', 'now')).toThrow(/no argument "now"/);
    expect(() => parse('consume', 't', '--limit')).toThrow(/--limit needs a value/);
  });

  test('every command explains its arguments, flags and examples', () => {
    const overview = overviewHelp(COMMANDS);
    for (const known of COMMANDS) {
      const help = commandHelp(known);
      expect(overview).toContain(known.summary);
      expect(help).toContain(known.summary);
      for (const flag of known.flags) expect(help).toContain(`--${flag.name}`);
      for (const example of known.examples) expect(help).toContain(example.split('\n')[0]);
    }
  });
});
