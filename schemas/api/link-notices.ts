// How fast the link is, measured by the gateway: a page sees no WebSocket ping and has nothing to time by itself.

export interface LinkNotice {
  readonly type: 'link';
  /** From the gateway to the browser and back, in milliseconds: a ping waits behind the picture, so a queue counts. */
  readonly roundTripMs: number;
  /** From the gateway to the desktop and back, likewise; null where the desktop knows no fences, or its picture is changed. */
  readonly desktopMs: number | null;
}

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0;

export function parseLink(value: object): LinkNotice | undefined {
  const { roundTripMs, desktopMs = null } = value as Readonly<Record<string, unknown>>;
  if (!isTime(roundTripMs) || !(desktopMs === null || isTime(desktopMs))) return undefined;
  return { type: 'link', roundTripMs, desktopMs };
}
