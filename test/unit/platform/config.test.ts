import { describe, expect, test } from 'vitest';
import { configReference } from '../../../src/platform/config/reference.ts';
import { resolveConfig } from '../../../src/platform/config/resolve.ts';

const resolve = (
  flags: Record<string, string>,
  environment: Record<string, string> = {},
  text?: string,
): ReturnType<typeof resolveConfig> =>
  resolveConfig({
    flags: new Map(Object.entries(flags)),
    environment,
    ...(text !== undefined && { file: { path: 'millrace.yaml', text } }),
  });

describe('configuration', () => {
  test('flags win over the environment, the environment over the file, the file over the default', () => {
    const file = 'http:\n  port: 1\nlog.flush: interval\n';
    expect(resolve({}).settings['http.port']).toBe(8080);
    expect(resolve({}, {}, file).settings['http.port']).toBe(1);
    expect(resolve({}, {}, file).settings['log.flush']).toBe('interval');
    expect(resolve({}, { MILLRACE_HTTP_PORT: '2' }, file).settings['http.port']).toBe(2);
    const all = resolve({ 'http.port': '3' }, { MILLRACE_HTTP_PORT: '2' }, file);
    expect(all.settings['http.port']).toBe(3);
    expect(all.explicit.has('http.port')).toBe(true);
    expect(all.explicit.has('http.host')).toBe(false);
  });

  test('an unknown name is refused with the nearest one as the remedy', () => {
    expect(() => resolve({}, {}, 'http.prot: 1')).toThrow(
      /unknown setting `http.prot`.*Did you mean `http.port`\?/,
    );
    expect(() => resolve({}, { MILLRACE_HTTP_PROT: '1' })).toThrow(/Did you mean MILLRACE_HTTP_PORT\?/);
    expect(() => resolve({ zzzzzz: '1' })).toThrow(/docs\/reference\/config.md/);
  });

  test('a value that does not fit is refused and what fits is named', () => {
    expect(() => resolve({ 'http.port': 'x' })).toThrow(/whole number from 0 to 65535/);
    expect(() => resolve({ 'http.port': '65536' })).toThrow(/65535/);
    expect(() => resolve({ 'log.flush': 'never' })).toThrow(/one of ack, interval/);
    expect(() => resolve({ 'generator.enabled': 'maybe' })).toThrow(/true or false/);
    expect(() => resolve({}, {}, 'a: [')).toThrow(/is not YAML/);
    expect(() => resolve({}, {}, '- 1')).toThrow(/must be a map/);
  });

  test('lists, booleans and parameters are read, other variables of the prefix are left alone', () => {
    const config = resolve(
      { 'http.allowed-hosts': 'a, b', 'generator.enabled': 'false', 'params.seed': '7' },
      { MILLRACE_FAILPOINT: 'x', MILLRACE_PARAMS_RATE: '9', HOME: '/' },
    );
    expect(config.settings['http.allowed-hosts']).toEqual(['a', 'b']);
    expect(config.settings['generator.enabled']).toBe(false);
    expect([...config.params]).toEqual([
      ['rate', '9'],
      ['seed', '7'],
    ]);
  });

  test('the reference page has a row for every setting', () => {
    expect(configReference()).toMatch(/\| `http.port` \| `MILLRACE_HTTP_PORT` \| `8080` \|/);
  });
});
