// Session: one desktop of one person, made at run time; never in Git.
import * as z from 'zod';
import { ATOMIC, cel, conditions, type KindDefinition, type KubeObject, observedGeneration, time } from '../kind.ts';
import { effectivePolicy } from '../policies/effective-policy.ts';
import { sessionActivity, sessionLifetime } from '../policies/session-lifetime.ts';
import { desktopTls } from '../template.ts';

export const sessionPhase = z.enum([
  'Pending',
  'Admitted',
  'Starting',
  'Running',
  'Hibernating',
  'Hibernated',
  'Failed',
  'Terminating',
  'Terminated',
]);
export type SessionPhase = z.infer<typeof sessionPhase>;

export const sessionState = z.enum(['Running', 'Hibernated', 'Terminated']);
export type SessionState = z.infer<typeof sessionState>;

export const sessionSpec = z.object({
  template: z
    .string()
    .min(1)
    .max(127)
    .regex(/^([a-z0-9]([-a-z0-9]*[a-z0-9])?\/)?[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'write the name of a template, or namespace/name')
    .meta(cel({ rule: 'self == oldSelf', message: 'the template of a session cannot change: start a new session instead' }))
    .describe("A template: `name` is looked for in the session's own namespace, then in `streamspace`; or `namespace/name`."),
  owner: z
    .string()
    .min(1)
    .max(128)
    .meta(cel({ rule: 'self == oldSelf', message: 'the owner of a session cannot change' }))
    .describe('The person whose session it is, by the name of the identity provider.'),
  desiredState: sessionState
    .default('Running')
    .describe('`Hibernated` stops the pod and keeps the home; `Terminated` is for good and deletes the home.')
    .meta(cel({ rule: "oldSelf != 'Terminated' || self == 'Terminated'", message: 'a terminated session does not come back' })),
  record: z
    .boolean()
    .optional()
    .describe('Record it now, where a RecordingPolicy says `OnDemand`. Elsewhere it changes nothing.'),
});

/** A year and the month that goes on. */
export const USAGE_MONTHS_MAX = 13;

export const sessionStage = z.object({
  name: z.enum(['Admitted', 'VolumeBound', 'Scheduled', 'ImageReady', 'Started', 'Answering']).describe('What was reached.'),
  at: time.describe('When.'),
});
export type SessionStage = z.infer<typeof sessionStage>;

export const sessionStatus = z.object({
  observedGeneration: observedGeneration.optional(),
  conditions: conditions.optional(),
  phase: sessionPhase.optional().describe('Where the session is in its life.'),
  reason: z.string().max(128).optional().describe('Why the phase is as it is: a stable code.'),
  message: z.string().max(4096).optional().describe('The same for people.'),
  templateRef: z
    .object({
      namespace: z.string().max(63).describe('Its namespace.'),
      name: z.string().max(253).describe('Its name.'),
      uid: z.string().max(64).describe('Its UID, so that a template made anew is seen as another.'),
      generation: z.int().min(0).max(Number.MAX_SAFE_INTEGER).describe('Its generation.'),
      displayName: z.string().max(80).describe('The name that people see.'),
      icon: z.string().max(40).describe('Its picture.'),
    })
    .optional()
    .describe('The template that was resolved at the last start.'),
  endpoint: z
    .object({
      host: z.string().max(253).describe('Name or address in the cluster.'),
      port: z.int().min(1).max(65535).describe('TCP port of the VNC server.'),
      passwordSecret: z.string().max(253).describe('The Secret with the VNC password and the certificate of the desktop.'),
      tls: desktopTls
        .optional()
        .describe('`desktop.tls` of the template at the start. Left out: of before there was any; as `Off`.'),
    })
    .optional()
    .describe('Where the desktop answers, for the gateway.'),
  pod: z.string().max(253).optional().describe('The pod of the desktop while there is one.'),
  startedAt: time.optional().describe('When it was last asked to run.'),
  runningSince: time.optional().describe('Since when the desktop answers.'),
  stages: z.array(sessionStage).max(12).optional().describe('How far the start has come, with times.'),
  admission: z
    .object({
      at: time.describe('When it was decided. No two decisions about a session have the same time.'),
      running: z.boolean().describe('Whether CPU and memory are held. A hibernated session holds its home only.'),
      cpu: z.string().max(64).describe('CPU that it reserves while it runs.'),
      memory: z.string().max(64).describe('Memory that it reserves while it runs.'),
      storage: z.string().max(64).describe('Size of its home.'),
      gpu: z.string().max(64).optional().describe('GPUs that it reserves while it runs. Left out: none.'),
    })
    .meta(ATOMIC)
    .optional()
    .describe('What quotas count of it since it was admitted. Without it nothing was made for it yet, or it has ended.'),
  usage: z
    .array(
      z.object({
        month: z
          .string()
          .max(7)
          .regex(/^[0-9]{4}-[0-9]{2}$/, 'write a month such as 2026-06')
          .describe('In UTC.'),
        cpuSeconds: z
          .string()
          .max(40)
          .regex(/^[0-9]+(\.[0-9]{1,6})?$/, 'write a decimal number')
          .describe('Reserved CPU times the seconds it was reserved.'),
      }),
    )
    .max(USAGE_MONTHS_MAX)
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .optional()
    .describe(
      'What its runs that are over have used, by month, the latest 13 months. The run that goes on is counted from `admission.at` on.',
    ),
  hibernatedAt: time.optional().describe('Since when it is hibernated.'),
  activity: sessionActivity.optional().describe('What the gateway knows of its use.'),
  lifetime: sessionLifetime.optional().describe('What the policies do next with it, and why.'),
  effectivePolicy: effectivePolicy
    .optional()
    .describe('What the policies of all levels come to. Without it nobody is let into the desktop.'),
});

export type SessionSpec = z.infer<typeof sessionSpec>;
export type SessionStatus = z.infer<typeof sessionStatus>;
export type Session = KubeObject<SessionSpec, SessionStatus>;

export const sessionKind: KindDefinition = {
  kind: 'Session',
  plural: 'sessions',
  singular: 'session',
  shortNames: ['sess'],
  scope: 'Namespaced',
  description: 'One desktop of one person.',
  spec: sessionSpec,
  status: sessionStatus,
  rules: [],
  objectRules: [
    {
      // A Service carries it (RFC 1035 label), and the StatefulSet's pods do with a hash of eleven characters in a label of 63.
      rule: "self.metadata.name.matches('^[a-z][-a-z0-9]{0,49}$')",
      message: 'begin the name of a session with a letter, and use at most 50 letters, digits and -',
      fieldPath: '.metadata.name',
    },
  ],
  columns: [
    { name: 'Owner', type: 'string', jsonPath: '.spec.owner' },
    { name: 'Template', type: 'string', jsonPath: '.spec.template' },
    { name: 'Desired', type: 'string', jsonPath: '.spec.desiredState' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
    { name: 'Reason', type: 'string', jsonPath: '.status.reason' },
    { name: 'Ends', type: 'date', jsonPath: '.status.lifetime.next.at', priority: 1 },
    { name: 'Pod', type: 'string', jsonPath: '.status.pod', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  conditions: {
    Ready: {
      Running: 'The desktop answers.',
      Starting: 'It is on its way; `status.stages` says how far.',
      Hibernated: 'The pod is stopped, the home is kept.',
      Terminated: 'It ended for good.',
      'any error code': 'It cannot run; the message says what is missing.',
    },
    EndsSoon: {
      'Idle, MaxDuration, Schedule or Dormancy': 'A policy ends it soon; `status.lifetime.next` says when and how.',
      NotSoon: 'Nothing is about to end it.',
    },
    Admitted: {
      Admitted: 'There is room for it in every Quota; `status.admission` says what it holds.',
      QuotaExceeded: 'There is no room; it starts by itself, when it is its turn and there is.',
    },
  },
};
