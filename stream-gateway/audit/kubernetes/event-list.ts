// What the API server's audit backends give (audit.k8s.io/v1, k8s.io/apiserver pkg/apis/audit/v1/types.go), as far as it is read here.
import * as z from 'zod';
import { StreamSpaceError } from '../../../schemas/errors.ts';

const person = z.object({ username: z.string().default('') });

const kubernetesEvent = z.object({
  auditID: z.string().default(''),
  stage: z.string(),
  requestURI: z.string().default(''),
  verb: z.string(),
  user: person,
  impersonatedUser: person.optional(),
  sourceIPs: z.array(z.string()).default([]),
  userAgent: z.string().default(''),
  objectRef: z
    .object({
      resource: z.string().default(''),
      namespace: z.string().default(''),
      name: z.string().default(''),
      apiGroup: z.string().default(''),
      subresource: z.string().default(''),
    })
    .optional(),
  responseStatus: z
    .object({ code: z.number().default(0), reason: z.string().default(''), message: z.string().default('') })
    .optional(),
  responseObject: z.unknown().optional(),
  requestReceivedTimestamp: z.string().default(''),
  stageTimestamp: z.string(),
});
export type KubernetesEvent = z.infer<typeof kubernetesEvent>;

const eventList = z.object({
  apiVersion: z.literal('audit.k8s.io/v1'),
  kind: z.literal('EventList'),
  items: z.array(z.unknown()).max(10_000),
});

/** A single event that is none is left out: it must not hold up the others. @throws StreamSpaceError `RequestInvalid` */
export function readEventList(body: unknown): { readonly events: readonly KubernetesEvent[]; readonly malformed: number } {
  const list = eventList.safeParse(body);
  if (!list.success) throw new StreamSpaceError('RequestInvalid', 'the body is no EventList of audit.k8s.io/v1');
  const events = list.data.items.flatMap(readEvent);
  return { events, malformed: list.data.items.length - events.length };
}

export function readEvent(value: unknown): readonly KubernetesEvent[] {
  const event = kubernetesEvent.safeParse(value);
  return event.success && !Number.isNaN(Date.parse(event.data.stageTimestamp)) ? [event.data] : [];
}
