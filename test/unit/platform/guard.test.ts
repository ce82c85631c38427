import { describe, expect, test } from 'vitest';
import { type GuardedRequest, guardRules, isLoopback, refusal } from '../../../src/platform/http/guard.ts';

const rules = guardRules('127.0.0.1', ['board.example'], '');
const request = (changes: Partial<GuardedRequest> = {}): GuardedRequest => ({
  method: 'GET',
  host: '127.0.0.1:8080',
  ...{ origin: undefined, contentType: undefined, hasBody: false, token: undefined, isUpgrade: false },
  ...changes,
});
const status = (changes: Partial<GuardedRequest>, by = rules): number | undefined =>
  refusal(request(changes), by)?.status;

describe('the guard', () => {
  test('serves loopback names and the allowed ones, and no other host', () => {
    for (const host of ['127.0.0.1:8080', 'localhost', '[::1]:80', 'BOARD.example:8080']) {
      expect(status({ host }), host).toBeUndefined();
    }
    expect(status({ host: 'evil.example' })).toBe(403);
    expect(status({ host: undefined })).toBe(403);
  });

  test('lets pages of other origins read nothing live and change nothing', () => {
    const origin = 'http://evil.example';
    expect(status({ method: 'POST', origin })).toBe(403);
    expect(status({ isUpgrade: true, origin })).toBe(403);
    expect(status({ isUpgrade: true, origin: 'null' })).toBe(403);
    expect(status({ isUpgrade: true, origin: 'http://127.0.0.1:8080' })).toBeUndefined();
    expect(status({ isUpgrade: true })).toBeUndefined();
  });

  test('takes bodies that no plain form can send', () => {
    const post = { method: 'POST', hasBody: true };
    expect(status({ ...post, contentType: 'text/plain' })).toBe(415);
    expect(status(post)).toBe(415);
    expect(status({ ...post, contentType: 'application/json; charset=utf-8' })).toBeUndefined();
    expect(status({ ...post, contentType: 'application/x-ndjson' })).toBeUndefined();
    expect(status({ method: 'DELETE' })).toBeUndefined();
  });

  test('asks for the token where one is set', () => {
    const guarded = guardRules('0.0.0.0', [], 'secret');
    expect(status({}, guarded)).toBe(401);
    expect(status({ token: 'secre' }, guarded)).toBe(401);
    expect(status({ token: 'secret' }, guarded)).toBeUndefined();
  });

  test('knows loopback addresses', () => {
    expect(['127.0.0.1', '127.1.2.3', '::1', 'localhost'].every(isLoopback)).toBe(true);
    expect(['0.0.0.0', '::', '10.0.0.1'].some(isLoopback)).toBe(false);
  });
});
