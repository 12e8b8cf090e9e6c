// What a desktop with several screens is sent beside noVNC, which knows one screen only. Each is a whole message, and noVNC
// sends whole messages too, so none can come into the middle of another.
import type { DesktopScreen } from '../../../../../schemas/api/displays-notices.ts';
import { boundsOf } from '../../model/desktop/displays.ts';

/** SetDesktopSize (rfbproto): all screens, and a framebuffer that is as large as they need. */
export function setDesktopSize(screens: readonly DesktopScreen[]): Uint8Array<ArrayBuffer> {
  const bytes = new DataView(new ArrayBuffer(8 + 16 * screens.length));
  const { width, height } = boundsOf(screens);
  bytes.setUint8(0, 251);
  bytes.setUint16(2, clamped(width));
  bytes.setUint16(4, clamped(height));
  bytes.setUint8(6, screens.length);
  for (const [index, screen] of screens.entries()) {
    const at = 8 + 16 * index;
    bytes.setUint32(at, screen.id);
    bytes.setUint16(at + 4, clamped(screen.x));
    bytes.setUint16(at + 6, clamped(screen.y));
    bytes.setUint16(at + 8, clamped(screen.width));
    bytes.setUint16(at + 10, clamped(screen.height));
  }
  return new Uint8Array(bytes.buffer);
}

/** A number that wraps around would be another place. */
function clamped(value: number): number {
  return Math.max(0, Math.min(0xffff, Math.round(value)));
}
