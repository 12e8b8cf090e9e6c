import { expect, test } from 'vitest';
import { session } from '../../../test/objects.ts';
import { stageProgress } from './stages.ts';

const START = Date.parse('2026-11-24T10:00:00Z');
const at = (ms: number) => new Date(START + ms).toISOString();
const starting = (...stages: readonly { readonly name: 'Admitted' | 'Scheduled' | 'Answering'; readonly at: string }[]) =>
  session('one', 'Starting', { status: { startedAt: at(0), stages: [...stages] } });

test('each stage has the time since the one before, the active one counts on', () => {
  const progress = stageProgress(starting({ name: 'Admitted', at: at(200) }), { now: START + 900 });
  expect(progress.map(({ name, state, ms }) => [name, state, ms]).slice(0, 3)).toEqual([
    ['Admitted', 'done', 200],
    ['VolumeBound', 'active', 700],
    ['Scheduled', 'waiting', null],
  ]);
});

test('a stage that the cluster never told is done when a later one is', () => {
  const progress = stageProgress(starting({ name: 'Admitted', at: at(200) }, { name: 'Scheduled', at: at(500) }), {
    now: START + 900,
  });
  expect(progress.map(({ state, ms }) => [state, ms]).slice(0, 4)).toEqual([
    ['done', 200],
    ['done', 0],
    ['done', 300],
    ['active', 400],
  ]);
});

test('times of an earlier start do not count for this one', () => {
  const progress = stageProgress(starting({ name: 'Answering', at: at(-60_000) }), { now: START + 100 });
  expect(progress[0]).toMatchObject({ name: 'Admitted', state: 'active' });
});

test('the first picture is the last stage, and only the page knows it', () => {
  const answering = starting({ name: 'Answering', at: at(1000) });
  expect(stageProgress(answering, { now: START + 1200 }).at(-1)).toMatchObject({
    name: 'FirstPicture',
    state: 'active',
    ms: 200,
  });
  expect(stageProgress(answering, { now: START + 1300, firstPictureAt: START + 1250 }).at(-1)).toMatchObject({
    state: 'done',
    ms: 250,
  });
});
