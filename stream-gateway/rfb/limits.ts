// What the parsers accept at most. Each limit is judged on a header, before the bytes it announces are kept or passed on.

export interface RfbLimits {
  /** Content of one clipboard message, either direction. Default 256 KiB, as TigerVNC's MaxCutText. */
  readonly maxCutTextBytes: number;
  /**
   * A clipboard above {@link maxCutTextBytes} and up to this is skipped instead of ending the stream: nobody loses a desktop
   * for a large copy. Default 16 MiB; skipping keeps nothing in memory.
   */
  readonly maxSkippedCutTextBytes: number;
  /** Entries of SetEncodings as the browser sends it. Default 256; noVNC sends about 30. */
  readonly maxEncodings: number;
  /** Name of a desktop, in bytes. Default 4 KiB. */
  readonly maxNameBytes: number;
  /** Width times height. Default 7680 x 4320 (8K); counted in pixels so that a wide row of screens and a portrait 8K pass too. */
  readonly maxFramebufferPixels: number;
  /** Default 16,384, the longest side of a canvas that all browsers draw. */
  readonly maxFramebufferSide: number;
  /** Default 512 pixels; X servers draw at most 256. */
  readonly maxCursorSide: number;
}

export const DEFAULT_RFB_LIMITS: RfbLimits = {
  maxCutTextBytes: 256 * 1024,
  maxSkippedCutTextBytes: 16 * 1024 * 1024,
  maxEncodings: 256,
  maxNameBytes: 4096,
  maxFramebufferPixels: 7680 * 4320,
  maxFramebufferSide: 16_384,
  maxCursorSide: 512,
};

/** By so much the packed form of an extended clipboard may be larger than its content: it is not always smaller. */
export const PACKING_BYTES = 32 * 1024;

/** The longest payload that is kept of a clipboard message. */
export function maxCutTextBytes(limits: RfbLimits, { extended }: { readonly extended: boolean }): number {
  return limits.maxCutTextBytes + (extended ? PACKING_BYTES : 0);
}

/** Payload of a fence; not a setting, the specification says so (rfbproto, ClientFence). */
export const MAX_FENCE_BYTES = 64;

/** Screens of one ExtendedDesktopSize, 255 of 16 bytes: its length is a byte, so there is no limit to set. */
export const MAX_SCREENS_BYTES = 255 * 16;

/** Whether a framebuffer of this size is within the limits. */
export function fitsFramebuffer(limits: RfbLimits, width: number, height: number): boolean {
  return (
    width <= limits.maxFramebufferSide && height <= limits.maxFramebufferSide && width * height <= limits.maxFramebufferPixels
  );
}
