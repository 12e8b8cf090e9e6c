// The chosen scaling, kept on this device. A phone never resizes a desktop to its own size unless asked.
import { useLocalStorage } from '@mantine/hooks';
import type { Scaling } from '../../stream/viewer.ts';

const ROOMY_PX = 900;

export function useScaling({ mayResize }: { readonly mayResize: boolean }): {
  readonly scaling: Scaling;
  readonly chooseScaling: (scaling: Scaling) => void;
} {
  const [chosen, chooseScaling] = useLocalStorage<Scaling | null>({
    key: 'streamspace.scaling',
    defaultValue: null,
    getInitialValueInEffect: false,
  });
  const wanted = chosen ?? (window.innerWidth >= ROOMY_PX ? 'remote' : 'fit');
  return { scaling: wanted === 'remote' && !mayResize ? 'fit' : wanted, chooseScaling };
}
