// What every part of the page may use: the API and the live lists. Put in at the top, so a test puts in its own.
import { createContext, use } from 'react';
import type { Api } from './client.ts';
import type { LiveLists } from './live/live-lists.ts';

export interface Gateway {
  readonly api: Api;
  readonly live: LiveLists;
}

const GatewayContext = createContext<Gateway | null>(null);
export const GatewayProvider = GatewayContext.Provider;

export function useGateway(): Gateway {
  const gateway = use(GatewayContext);
  if (gateway === null) throw new Error('no GatewayProvider around this component');
  return gateway;
}
