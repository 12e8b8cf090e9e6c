import { describe, expect, test } from 'vitest';
import { session } from '../../../test/objects.ts';
import { rightFor, situationOf } from './desktop.ts';

describe('the right that is asked for', () => {
  const only = (may: { readonly control: boolean; readonly observe: boolean }) => session('one', 'Running', { may });
  test('is control for who has it, unless looking on was asked for', () => {
    expect(rightFor(only({ control: true, observe: true }), { viewAsked: false })).toBe('control');
    expect(rightFor(only({ control: true, observe: true }), { viewAsked: true })).toBe('view');
  });
  test('is never control for who may only look on', () => {
    expect(rightFor(only({ control: false, observe: true }), { viewAsked: false })).toBe('view');
    expect(rightFor(only({ control: false, observe: false }), { viewAsked: false })).toBeNull();
  });
});

describe('the situation', () => {
  test('is the start until the first picture, and again when the session restarts under an open link', () => {
    expect(situationOf(session('one', 'Running'), 'control', null).kind).toBe('starting');
    expect(situationOf(session('one', 'Running'), 'control', { state: 'connected' }).kind).toBe('shown');
    expect(situationOf(session('one', 'Starting'), 'control', { state: 'connected' }).kind).toBe('starting');
  });
  test('of a hibernated session that is wanted again is a start, not an invitation to resume', () => {
    const hibernated = session('one', 'Hibernated');
    expect(situationOf(hibernated, 'control', null).kind).toBe('hibernated');
    const wanted = { ...hibernated, spec: { ...hibernated.spec, desiredState: 'Running' as const } };
    expect(situationOf(wanted, 'control', null).kind).toBe('starting');
  });
  test('without any right says so instead of trying', () => {
    expect(situationOf(session('one', 'Running'), null, null).kind).toBe('noRight');
  });
  test('of an object under deletion is the end, whatever its phase says', () => {
    const going = session('one', 'Running', { metadata: { deletionTimestamp: '2026-11-24T10:00:00Z' } });
    expect(situationOf(going, 'control', { state: 'connected' })).toEqual({ kind: 'over', ending: true });
  });
});
