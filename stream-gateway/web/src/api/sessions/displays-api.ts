// How the person arranges displays, by set of monitors.
import type { DisplayLayout, DisplayLayoutView } from '../../../../../schemas/api/displays.ts';

export interface DisplaysApi {
  /** @param monitors of `fingerprintOf` in model/desktop/monitors.ts */
  displayLayout(monitors: string, signal: AbortSignal): Promise<DisplayLayoutView>;
  saveDisplayLayout(monitors: string, layout: DisplayLayout): Promise<DisplayLayoutView>;
}

interface DisplaysApiPorts {
  get<T>(path: string, signal: AbortSignal): Promise<T>;
  put<T>(path: string, body: unknown): Promise<T>;
}

export function displaysApi({ get, put }: DisplaysApiPorts): DisplaysApi {
  const pathOf = (monitors: string): string => `/api/v1/me/display-layouts/${encodeURIComponent(monitors)}`;
  return {
    displayLayout: (monitors, signal) => get(pathOf(monitors), signal),
    saveDisplayLayout: (monitors, layout) => put(pathOf(monitors), layout),
  };
}
