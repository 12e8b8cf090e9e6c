// The address of a WebSocket of the gateway that the page came from.
export function webSocketUrl(path: string, location: Pick<Location, 'href'>): string {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}
