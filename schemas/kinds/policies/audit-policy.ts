// AuditPolicy: what the audit log keeps of an event, what is blacked out in it, and where it goes besides the database.
import * as z from 'zod';
import { ATOMIC, cel, conditions, dnsLabel, type KindDefinition, type KubeObject, observedGeneration } from '../kind.ts';
import { auditRedaction, auditRule } from './audit-rules.ts';

const ONE_BLOCK = 'give the block of its type, and no other: syslog with Syslog, https with Https, s3 with S3';
const NEEDS_SECRET = 'Hmac and Bearer need secretRef, None takes none';
const CA_FOR_TLS = 'caBundle goes with tls: true';

const secretKeyRef = z.object({
  name: dnsLabel.describe('Name of a Secret in the namespace `streamspace`.'),
  key: z
    .string()
    .min(1)
    .max(253)
    .regex(/^[-._a-zA-Z0-9]+$/, 'write a key of a Secret')
    .describe('Which of its keys.'),
});

const caBundle = z
  .string()
  .min(1)
  .max(65_536)
  .optional()
  .describe('Certificates in PEM that the receiver is trusted by. Left out: those of the system.');

export const syslogSink = z
  .object({
    host: z
      .string()
      .min(1)
      .max(253)
      .regex(/^[A-Za-z0-9:._-]+$/, 'write a host name or an address')
      .describe('Name or address of the receiver.'),
    port: z.int().min(1).max(65535).default(6514).describe('Its port.'),
    tls: z.boolean().default(true).describe('TLS (RFC 5425). `false`: plain TCP, readable by everybody on the way.'),
    caBundle,
  })
  .refine(({ tls, caBundle: ca }) => tls || ca === undefined, CA_FOR_TLS)
  .meta({ ...ATOMIC, ...cel({ rule: '!has(self.caBundle) || !has(self.tls) || self.tls', message: CA_FOR_TLS }) });

export const httpsSink = z
  .object({
    url: z
      .string()
      .min(12)
      .max(2_048)
      .regex(/^https:\/\/[^\s/?#@]+([/?][^\s#]*)?$/, 'write an address that begins with https://, without name and password')
      .describe('Where events are posted to. Redirects are not followed.'),
    format: z
      .enum(['CloudEvents', 'Json'])
      .default('CloudEvents')
      .describe('`CloudEvents`: a batch of CloudEvents 1.0. `Json`: an array of events as the API gives them.'),
    authentication: z
      .enum(['None', 'Bearer', 'Hmac'])
      .default('None')
      .describe('`Bearer`: the secret as a token. `Hmac`: signed as Standard Webhooks are (HMAC-SHA256 of id, time and body).'),
    secretRef: secretKeyRef.optional().describe('The token, or the key of the signature.'),
    caBundle,
  })
  .refine(({ authentication, secretRef }) => (authentication === 'None') === (secretRef === undefined), NEEDS_SECRET)
  .meta({
    ...ATOMIC,
    ...cel({
      rule: "(!has(self.authentication) || self.authentication == 'None') == !has(self.secretRef)",
      message: NEEDS_SECRET,
    }),
  });

export const s3Sink = z
  .object({
    bucket: z
      .string()
      .min(3)
      .max(63)
      .regex(/^[a-z0-9][-.a-z0-9]*[a-z0-9]$/, 'write the name of a bucket')
      .describe('The bucket. Credentials come from the environment of the gateway, as for recordings.'),
    region: z
      .string()
      .min(1)
      .max(64)
      .regex(/^[-a-z0-9]+$/, 'write a region such as eu-central-1')
      .describe('Its region.'),
    endpoint: z
      .string()
      .min(8)
      .max(2_048)
      .regex(/^https?:\/\/[^\s/?#@]+\/?$/, 'write an address such as https://s3.example.com')
      .optional()
      .describe('The server. Left out: that of AWS.'),
    prefix: z
      .string()
      .min(1)
      .max(200)
      .regex(/^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/, 'write a path such as audit/production')
      .default('audit')
      .describe('What the names of the objects begin with; then come the day and the numbers of the first and the last event.'),
  })
  .meta(ATOMIC);

const ofType = (type: string, block: string): string => `(self.type == '${type}') == has(self.${block})`;

export const auditSink = z
  .object({
    name: dnsLabel.describe('Its name in this policy. Another name begins anew, at the end of the log.'),
    type: z
      .enum(['Stdout', 'Syslog', 'Https', 'S3'])
      .describe(
        '`Stdout`: lines of JSON in the output of the gateway. `Syslog`: RFC 5424 over TCP, lengths in front (RFC 6587). `Https`: posted in batches. `S3`: objects of JSON lines, gzip.',
      ),
    syslog: syslogSink.optional().describe('With `Syslog`.'),
    https: httpsSink.optional().describe('With `Https`.'),
    s3: s3Sink.optional().describe('With `S3`.'),
  })
  .refine(
    ({ type, syslog, https, s3 }) =>
      (type === 'Syslog') === (syslog !== undefined) &&
      (type === 'Https') === (https !== undefined) &&
      (type === 'S3') === (s3 !== undefined),
    ONE_BLOCK,
  )
  .meta(
    cel({ rule: [ofType('Syslog', 'syslog'), ofType('Https', 'https'), ofType('S3', 's3')].join(' && '), message: ONE_BLOCK }),
  );

export const auditPolicySpec = z.object({
  rules: z
    .array(auditRule)
    .min(1)
    .max(32)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .describe(
      'How much of an event is kept: the first rule that fits counts. What none fits is kept as `Diff`. Of several policies the one that keeps more counts.',
    ),
  redact: z
    .array(auditRedaction)
    .min(1)
    .max(32)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .describe('What is blacked out; that of all policies together. Values of Secrets, passwords and tokens are so without it.'),
  retention: z
    .object({
      days: z
        .int()
        .min(31)
        .max(36_500)
        .optional()
        .describe(
          'Whole days that a month is kept after its end; left out: this policy ends none. Of several policies, and of the setting `audit-keep-months`, the longest counts.',
        ),
      legalHold: z.boolean().default(false).describe('`true`: no month goes, whatever is said here or elsewhere.'),
    })
    .optional()
    .describe('How long the log is kept. It goes by whole months, as tables: no event is deleted by itself.'),
  sinks: z
    .array(auditSink)
    .min(1)
    .max(8)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
    .describe(
      'Where every event is sent, in its order, at least once. Each has a place in the log of its own and waits for no other.',
    ),
});

export const auditPolicyStatus = z.object({
  observedGeneration: observedGeneration.optional(),
  conditions: conditions.optional(),
  sinks: z
    .array(
      z.object({
        name: z.string().max(63).describe('Which of the sinks.'),
        delivered: z.int().min(0).max(Number.MAX_SAFE_INTEGER).describe('`seq` of the last event that it has taken.'),
        problem: z.string().max(1024).optional().describe('Why it takes none at the moment.'),
      }),
    )
    .max(8)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .describe('How far each is.'),
});

export type AuditSink = z.infer<typeof auditSink>;
export type AuditPolicySpec = z.infer<typeof auditPolicySpec>;
export type AuditPolicyStatus = z.infer<typeof auditPolicyStatus>;
export type AuditPolicy = KubeObject<AuditPolicySpec, AuditPolicyStatus>;

export const auditPolicyKind: KindDefinition = {
  kind: 'AuditPolicy',
  plural: 'auditpolicies',
  singular: 'auditpolicy',
  shortNames: ['auditpol'],
  scope: 'Cluster',
  description: 'What the audit log keeps of which events, what is blacked out, and where it goes besides the database.',
  spec: auditPolicySpec,
  status: auditPolicyStatus,
  rules: [],
  columns: [
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Sinks', type: 'string', jsonPath: '.spec.sinks[*].name' },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  conditions: {
    Ready: {
      Delivering: 'The rules are in force, and every sink takes the events.',
      AuditSinkFailed: 'A sink takes none at the moment; the message names it, and it is tried again. Nothing is lost meanwhile.',
    },
  },
};
