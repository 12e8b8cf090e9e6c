// How the picture is to be sent, as chosen on this device.
import { useLocalStorage } from '@mantine/hooks';
import { PICTURE_CHOICES, type PictureChoice } from './picture.ts';

export function usePictureChoice(): readonly [PictureChoice, (choice: PictureChoice) => void] {
  const [kept, choose] = useLocalStorage<PictureChoice>({
    key: 'streamspace.picture',
    defaultValue: 'automatic',
    getInitialValueInEffect: false,
  });
  // Whatever lies in the storage: another version may have put it there.
  return [PICTURE_CHOICES.find((choice) => choice === kept) ?? 'automatic', choose];
}
