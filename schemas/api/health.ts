// What is wrong with the installation, over /api/v1.
import * as z from 'zod';

/** What is looked at, in the order in which it is shown. */
export const HEALTH_PARTS = [
  'address',
  'webSocket',
  'proxy',
  'database',
  'cluster',
  'controller',
  'network',
  'settings',
  'audit',
  'objects',
  'installation',
] as const;
export type HealthPart = (typeof HEALTH_PARTS)[number];

/** The gravest first. */
export const SEVERITIES = ['error', 'warning', 'note'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const healthFinding = z.object({
  code: z.string().describe('A stable code: of the table of errors, or the reason of a condition.'),
  severity: z
    .enum(SEVERITIES)
    .describe('`error`: something does not work. `warning`: it works, and should not stay. `note`: to know.'),
  part: z.enum(HEALTH_PARTS),
  message: z.string().describe('What is wrong.'),
  remedy: z.string().describe('What to do about it.'),
  link: z.string().nullable().describe('The page about it, as a path.'),
});
export type HealthFinding = z.infer<typeof healthFinding>;

export const healthReport = z.object({
  checkedAt: z.iso.datetime(),
  publicUrl: z.string().describe('Where browsers are told to reach the gateway.'),
  parts: z
    .array(
      z.object({
        part: z.enum(HEALTH_PARTS),
        tookMs: z.number().min(0).describe('How long looking took, in milliseconds.'),
      }),
    )
    .describe('What was looked at.'),
  findings: z.array(healthFinding).describe('The gravest first. Empty: nothing is wrong.'),
});
export type HealthReport = z.infer<typeof healthReport>;

export const healthProbe = z.object({
  installation: z
    .string()
    .describe('Which installation answers: the same from each of its gateways, and of no use for anything else.'),
});
export type HealthProbe = z.infer<typeof healthProbe>;

/** Speaks WebSocket: says which installation it is, and says again what it is told. */
export const PROBE_SOCKET_PATH = '/api/v1/health/socket';
export const PROBE_PROTOCOL = 'health.streamspace.io';
