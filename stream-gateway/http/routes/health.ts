// What is wrong with the installation, for whom the API server lets `get` `health.streamspace.io`: a resource that exists in rights
// only. And the far end of the gateway's look at its own address.
import type { HealthFinding } from '../../../schemas/api/health.ts';
import { healthProbe, healthReport } from '../../../schemas/api/health.ts';
import { ERRORS, StreamSpaceError } from '../../../schemas/errors.ts';
import type { Decisions } from '../../auth/decisions.ts';
import type { Health } from '../../health/health.ts';
import { plainAddress } from '../request-facts.ts';
import { type Call, type Route, route } from '../route.ts';

export interface HealthRoutePorts {
  readonly decisions: Pick<Decisions, 'ask'>;
  readonly health: Health;
}

export function healthRoutes({ decisions, health }: HealthRoutePorts): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/health',
      operationId: 'getHealth',
      summary: 'What is wrong with the installation, what to do about each, and what was looked at.',
      tag: 'Meta',
      responses: { 200: { name: 'HealthReport', schema: healthReport } },
      async handle(call) {
        if (!(await decisions.ask(call.person, { verb: 'get', resource: 'health' })))
          throw new StreamSpaceError('Forbidden', `${call.person.name} may not see the health of the installation`);
        return { status: 200, body: await health.report(proxyFindings(call)) };
      },
    }),
    route({
      method: 'get',
      path: '/health/probe',
      operationId: 'getHealthProbe',
      summary: 'Which installation answers at this address.',
      tag: 'Meta',
      public: true,
      responses: { 200: { name: 'HealthProbe', schema: healthProbe } },
      handle: async () => ({ status: 200, body: { installation: await health.installation() } }),
    }),
  ];
}

/** A proxy that nobody has named as one: then its address is everybody's. */
export function proxyFindings({
  headers,
  sourceAddress,
  incoming,
}: Pick<Call<unknown, unknown, unknown>, 'headers' | 'sourceAddress' | 'incoming'>): readonly HealthFinding[] {
  const from = plainAddress(incoming.socket.remoteAddress);
  if (headers['x-forwarded-for'] === undefined || sourceAddress !== from) return [];
  return [
    {
      ...{ code: 'ProxyNotTrusted', severity: 'warning', part: 'proxy', link: null },
      message: `your request came through a proxy at ${from}, which is not believed when it says where requests come from`,
      remedy: ERRORS.ProxyNotTrusted.remedy,
    },
  ];
}
