// For fingers, in the bar: what they do on the desktop, and the keyboard with the keys that a phone's own lacks.
import { IconHandFinger, IconKeyboard, IconKeyboardOff, IconMouse } from '@tabler/icons-react';
import { useState } from 'react';
import { createPortal } from 'react-dom';
import type { Viewer } from '../../stream/viewer.ts';
import { text } from '../../text/text.ts';
import { BarButton } from './bar-button.tsx';
import { KeyRow } from './key-row.tsx';
import { usePointerMode } from './use-pointer-mode.ts';

export function TouchTools({ viewer }: { readonly viewer: Viewer | null }) {
  const { touch } = text;
  const [mode, choose] = usePointerMode(viewer);
  const [shownIn, setShownIn] = useState<Viewer | null>(null);
  // A new connection begins without a keyboard.
  const shown = viewer !== null && shownIn === viewer;
  const show = (next: boolean) => {
    // In the click itself: a phone opens its keyboard for nothing else.
    viewer?.setKeyboard({ shown: next });
    setShownIn(next ? viewer : null);
  };
  return (
    <span className="ss-touch-only ss-touch-tools">
      <BarButton
        label={mode === 'touchpad' ? touch.toTouchscreen : touch.toTouchpad}
        disabled={viewer === null}
        onClick={() => choose(mode === 'touchpad' ? 'touchscreen' : 'touchpad')}
      >
        {mode === 'touchpad' ? <IconMouse size={18} /> : <IconHandFinger size={18} />}
      </BarButton>
      <BarButton
        label={shown ? touch.hideKeyboard : text.desktop.keyboard}
        disabled={viewer === null}
        onClick={() => show(!shown)}
      >
        {shown ? <IconKeyboardOff size={18} /> : <IconKeyboard size={18} />}
      </BarButton>
      {shown
        ? createPortal(
            <KeyRow viewer={viewer} onHide={() => show(false)} />,
            document.querySelector('.ss-desktop') ?? document.body,
          )
        : null}
    </span>
  );
}
