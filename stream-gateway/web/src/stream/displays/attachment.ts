// What a further window does to the desktop: its pointer and keys, through the one connection of the main window.
import type { Size } from '../../model/desktop/displays.ts';
import { pointerEvent } from '../looking-on.ts';
import type { Attachment, FurtherState, SharedLink } from './protocol.ts';

interface AttachmentPorts {
  /** Whether it still is the page of its window, and the main window shows the desktop. */
  readonly isHere: () => boolean;
  readonly state: () => FurtherState;
  readonly link: () => SharedLink;
  readonly resize: (size: Size) => void;
  readonly leave: () => void;
}

export function createAttachment({ isHere, state, link, resize, leave }: AttachmentPorts): Attachment {
  const down = new Map<string, KeyboardEventInit>();
  const key: Attachment['key'] = (type, init) => {
    const { viewer, mayControl } = link();
    const canvas = mayControl ? viewer?.canvas() : null;
    if (canvas == null) return false;
    if (type === 'keydown') down.set(init.code ?? '', init);
    else down.delete(init.code ?? '');
    // Through noVNC's own keyboard, which knows layouts, AltGr and the ways of each system.
    return !canvas.dispatchEvent(new KeyboardEvent(type, { ...init, bubbles: false, cancelable: true }));
  };
  const releaseKeys = (): void => {
    for (const init of [...down.values()]) key('keyup', init);
  };
  return {
    ...{ state, link, key, releaseKeys },
    canvas: () => link().viewer?.canvas() ?? null,
    cursor: () => link().viewer?.canvas()?.style.cursor ?? '',
    resize: (size) => {
      if (link().mayControl) resize(size);
    },
    point: (at, buttons) => {
      const { viewer, mayControl } = link();
      if (mayControl) viewer?.send(pointerEvent(at, buttons));
    },
    detach: () => {
      releaseKeys();
      if (isHere()) leave();
    },
  };
}
