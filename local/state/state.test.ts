import { mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cacheFolder, installationId, stateFolder } from './state.ts';

describe('the state folder', () => {
  const home = { HOME: '/home/ann' };

  test('is what the flag says, else the variable, else below the XDG folder, else below home', () => {
    const env = { ...home, STREAMSPACE_STATE: '/env', XDG_STATE_HOME: '/xdg' };
    expect(stateFolder({ flag: '/flag', env, cwd: '/' })).toBe('/flag');
    expect(stateFolder({ flag: undefined, env, cwd: '/' })).toBe('/env');
    expect(stateFolder({ flag: undefined, env: { ...home, XDG_STATE_HOME: '/xdg' }, cwd: '/' })).toBe('/xdg/streamspace');
    expect(stateFolder({ flag: undefined, env: home, cwd: '/' })).toBe('/home/ann/.local/state/streamspace');
  });

  test('a relative flag counts from the folder of the caller, a relative XDG folder does not count', () => {
    expect(stateFolder({ flag: 'here', env: home, cwd: '/some' })).toBe('/some/here');
    expect(cacheFolder({ ...home, XDG_CACHE_HOME: 'relative' }, '/some')).toBe('/home/ann/.cache/streamspace');
  });

  test('one folder under two names is one installation', () => {
    const folder = mkdtempSync(join(tmpdir(), 'streamspace-state-'));
    const other = `${folder}-link`;
    symlinkSync(folder, other);
    const ids = [folder, other].map((flag) => installationId(stateFolder({ flag: join(flag, 'state'), env: home, cwd: '/' })));
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).toMatch(/^[0-9a-f]{6}$/);
  });
});
