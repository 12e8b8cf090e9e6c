// What a finger on the desktop does, as chosen on this device.
import { useLocalStorage } from '@mantine/hooks';
import { useEffect } from 'react';
import type { PointerMode } from '../../stream/touch/pointing.ts';
import type { Viewer } from '../../stream/viewer.ts';

export function usePointerMode(viewer: Viewer | null): readonly [PointerMode, (mode: PointerMode) => void] {
  const [kept, choose] = useLocalStorage<PointerMode>({
    key: 'streamspace.pointer',
    defaultValue: 'touchscreen',
    getInitialValueInEffect: false,
  });
  const mode = kept === 'touchpad' ? kept : 'touchscreen';
  useEffect(() => viewer?.setPointerMode(mode), [viewer, mode]);
  return [mode, choose];
}
