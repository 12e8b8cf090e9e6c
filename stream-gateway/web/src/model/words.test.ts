import { expect, test } from 'vitest';
import { session, template } from '../../test/objects.ts';
import { addRecent, readPersonal, toggleFavourite, writePersonal } from './access/personal.ts';
import { placeOf, refText } from './git/git-sync.ts';
import { quickLaunch } from './home.ts';
import { bytesText, cpuText, quantityOf } from './quantity.ts';
import { verbsOf } from './sessions/phases.ts';
import { elapsedText, relativeTime } from './time.ts';

test.each([
  ['500m', 0.5],
  ['2', 2],
  ['1.5Gi', 1.5 * 2 ** 30],
  ['128k', 128_000],
])('the quantity %s is %d', (text, value) => expect(quantityOf(text)).toBe(value));

test('sizes are told in the unit that people use, and what is no quantity as it came', () => {
  expect([bytesText('512Mi'), bytesText('1536Mi'), bytesText('10Gi'), bytesText('lots'), cpuText('250m')]).toEqual([
    '512 MiB',
    '1.5 GiB',
    '10 GiB',
    'lots',
    '0.25 CPU',
  ]);
});

test('times are told in the largest unit that fits', () => {
  const now = Date.parse('2026-11-24T10:00:00Z');
  const told = [0, 20, 90, 3 * 3600, 26 * 3600, -3 * 86_400].map((seconds) => relativeTime(now - seconds * 1000, now));
  expect(told).toEqual(['just now', '20 seconds ago', '1 minute ago', '3 hours ago', 'yesterday', 'in 3 days']);
  const ahead = [30 * 60 - 1, 3600 - 1, 8 * 3600 - 2, 7.5 * 3600, 86_400 - 2].map((seconds) =>
    relativeTime(now + seconds * 1000, now),
  );
  expect(ahead).toEqual(['in 30 minutes', 'in 1 hour', 'in 8 hours', 'in 7 hours', 'tomorrow']);
  expect([elapsedText(430), elapsedText(12_400), elapsedText(125_000), elapsedText(-5)]).toEqual([
    '0.4 s',
    '12 s',
    '2 min 5 s',
    '0.0 s',
  ]);
});

test('verbs follow the phase and never exceed the rights', () => {
  expect(verbsOf(session('one', 'Running'))).toEqual(['open', 'hibernate', 'terminate', 'delete']);
  expect(verbsOf(session('one', 'Hibernated'))).toEqual(['resume', 'terminate', 'delete']);
  expect(verbsOf(session('one', 'Terminated'))).toEqual(['delete']);
  expect(verbsOf(session('one', 'Running', { may: { control: false, update: false, delete: false } }))).toEqual(['open']);
  expect(verbsOf(session('one', 'Running', { may: { control: false, observe: false, update: false, delete: false } }))).toEqual(
    [],
  );
});

test('P-05-2 favourites and recents survive a reload, are per person, and stand in for nothing when they are damaged', () => {
  const first = toggleFavourite(addRecent(readPersonal(localStorage, 'member'), 'streamspace/terminal'), 'streamspace/firefox');
  writePersonal(localStorage, 'member', first);
  expect(readPersonal(localStorage, 'member')).toEqual({
    favourites: ['streamspace/firefox'],
    recents: ['streamspace/terminal'],
    team: null,
  });
  expect(readPersonal(localStorage, 'lead')).toEqual({ favourites: [], recents: [], team: null });
  localStorage.setItem('streamspace.personal.member', '{"favourites": [1, "a"], "recents": {}');
  expect(readPersonal(localStorage, 'member').favourites).toEqual([]);
});

test('Home offers favourites before recents, and to somebody new what is featured', () => {
  const [a, b, c] = [template('a'), template('b', { featured: true }), template('c', { maturity: 'deprecated' })];
  const offered = (favourites: readonly string[], recents: readonly string[]) =>
    quickLaunch([a, b, c], { favourites, recents, team: null }).offered.map(({ metadata }) => metadata.name);
  expect(offered(['streamspace/c'], ['streamspace/a', 'streamspace/c', 'streamspace/gone'])).toEqual(['c', 'a']);
  expect(offered([], [])).toEqual(['b', 'a']);
});

test('a place is file and line, and a ref says what it is', () => {
  expect([placeOf({ file: 'a.yaml', line: 3 }), placeOf({ file: 'a.yaml' }), placeOf({})]).toEqual(['a.yaml:3', 'a.yaml', null]);
  expect([refText({ branch: 'main' }), refText({ tag: 'v1' }), refText({ commit: 'a'.repeat(40) })]).toEqual([
    'main',
    'v1 (tag)',
    'aaaaaaaa (commit)',
  ]);
});
