import { expect, test } from 'vitest';
import { type OpenStream, StreamRegistry } from './stream-registry.ts';

const ONE = { namespace: 'team-web', session: 'one', person: 'ann' };
const TWO = { ...ONE, session: 'two' };

interface Stream extends OpenStream {
  readonly end: () => void;
  readonly reasons: string[];
}

function stream(person: string, of = ONE): Stream {
  const { promise, resolve } = Promise.withResolvers<void>();
  const reasons: string[] = [];
  return { ...of, person, right: 'view', closed: promise, reasons, end: resolve, close: (code) => reasons.push(code) };
}

test('a place is taken by the reservation, so that many at once cannot all find room', () => {
  const registry = new StreamRegistry({ maxPerSession: 2 });
  registry.reserve(ONE);
  registry.reserve(ONE);
  expect(() => registry.reserve(ONE)).toThrow('session one has 2 of 2 streams');
  expect(() => registry.reserve(TWO)).not.toThrow();
});

test('all sessions together have a limit too', () => {
  const registry = new StreamRegistry({ maxStreams: 2 });
  registry.reserve(ONE);
  registry.reserve(TWO);
  expect(() => registry.reserve({ ...TWO, session: 'three' })).toThrow('2 of 2 streams');
});

test('a person has a limit over all sessions, which others do not feel', () => {
  const registry = new StreamRegistry({ maxPerPerson: 2 });
  const first = registry.reserve(ONE);
  registry.reserve(TWO);
  const third = { ...TWO, session: 'three' };
  expect(() => registry.reserve(third)).toThrow('you have 2 of 2 streams');
  expect(() => registry.reserve({ ...third, person: 'ben' })).not.toThrow();
  first[Symbol.dispose]();
  expect(() => registry.reserve(third)).not.toThrow();
});

test('a place is free again after a stream, or without one, and only once', async () => {
  const registry = new StreamRegistry({ maxPerSession: 1 });
  const first = registry.reserve(ONE);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  const open = stream('member');
  registry.reserve(ONE).put(open);
  expect(() => registry.reserve(ONE)).toThrow();
  expect(registry.list()).toEqual([{ ...ONE, person: 'member', right: 'view' }]);
  open.end();
  await registry.drained();
  await expect.poll(() => registry.size).toBe(0);
  expect(() => registry.reserve(ONE)).not.toThrow();
});

test('streams are cut by what they are', () => {
  const registry = new StreamRegistry();
  const [lead, member, other] = [stream('lead'), stream('member'), stream('member', TWO)];
  for (const open of [lead, member, other]) registry.reserve(open).put(open);
  expect(registry.closeWhere(({ person, session }) => person === 'member' && session === 'one', 'Forbidden', 'gone')).toBe(1);
  expect([lead.reasons, member.reasons, other.reasons]).toEqual([[], ['Forbidden'], []]);
});
