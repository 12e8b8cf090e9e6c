// The whole page at an address, over a gateway in memory.
import { notifications } from '@mantine/notifications';
import { createMemoryHistory, type RouterHistory } from '@tanstack/react-router';
import { render } from '@testing-library/react';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import axe from 'axe-core';
import type { OpenSocket } from '../src/api/health-api.ts';
import { App } from '../src/app.tsx';
import { type FakeGateway, fakeGateway, type GatewayWorld } from './fake-gateway.ts';

export interface OpenPage {
  readonly gateway: FakeGateway;
  readonly history: RouterHistory;
  readonly user: UserEvent;
}

export function openPage(path: string, world: GatewayWorld | FakeGateway = {}, openSocket?: OpenSocket): OpenPage {
  // What the test before has said is no message of this one.
  notifications.clean();
  const gateway = 'fetch' in world ? world : fakeGateway(world);
  const history = createMemoryHistory({ initialEntries: [path] });
  const user = userEvent.setup();
  const socket = openSocket === undefined ? {} : { openSocket };
  render(<App fetch={gateway.fetch} storage={window.localStorage} history={history} env="test" {...socket} />);
  return { gateway, history, user };
}

/** Findings of axe that keep somebody out; colours are judged on screenshots, as jsdom paints nothing. */
export async function seriousFindings(): Promise<readonly string[]> {
  const { violations } = await axe.run(document.body, {
    rules: { 'color-contrast': { enabled: false }, region: { enabled: false } },
  });
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
}
