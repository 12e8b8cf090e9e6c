// What a client is told whose SetDesktopSize is not passed on: as a desktop tells it (rfbproto, ExtendedDesktopSize).
import type { DesktopScreen } from '../../schemas/api/displays-notices.ts';
import { ENCODING } from './encodings.ts';
import type { Negotiation, ScreensChange } from './negotiation.ts';

/** Why a desktop has another size, or not: this client asked for it. */
const BY_THIS_CLIENT = 1;
/** Codes of rfbproto: it is prohibited, or there are not enough resources for it. */
export type ResizeStatus = 1 | 2;

/** An update of one rectangle with the size and the screens as they are. Undefined: the desktop has never told its screens. */
export function resizeRefused({ screens, width, height }: Negotiation, status: ResizeStatus): Buffer | undefined {
  if (screens === undefined) return undefined;
  const update = Buffer.from([0, 0, 0, 1, 0, BY_THIS_CLIENT, 0, status, 0, 0, 0, 0, 0, 0, 0, 0]);
  update.writeUInt16BE(width, 8);
  update.writeUInt16BE(height, 10);
  update.writeInt32BE(ENCODING.extendedDesktopSize, 12);
  return Buffer.concat([update, screens]);
}

/** The screens of an ExtendedDesktopSize: id, x, y, width, height and flags, 16 bytes each. */
export function screensOf({ screens }: Pick<ScreensChange, 'screens'>): readonly DesktopScreen[] {
  const bytes = Buffer.from(screens);
  return Array.from({ length: Math.floor((bytes.length - 4) / 16) }, (_, index) => {
    const at = 4 + 16 * index;
    return {
      id: bytes.readUInt32BE(at),
      x: bytes.readUInt16BE(at + 4),
      y: bytes.readUInt16BE(at + 6),
      width: bytes.readUInt16BE(at + 8),
      height: bytes.readUInt16BE(at + 10),
    };
  });
}
