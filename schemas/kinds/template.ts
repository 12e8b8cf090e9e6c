// Template: one desktop that people can launch from the catalog.
import * as z from 'zod';
import {
  byteQuantity,
  conditions,
  dnsLabel,
  type KindDefinition,
  type KubeObject,
  observedGeneration,
  quantity,
} from './kind.ts';
import { sessionPriority } from './priority.ts';

const tag = z.string().min(1).max(40).describe('A word.');
const envVar = z.object({
  name: z
    .string()
    .min(1)
    .max(128)
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'write a name of letters, digits and _')
    .describe('Name of the variable.'),
  value: z.string().max(4096).describe('Its value, as it is.'),
});

export const desktopTls = z
  .enum(['Required', 'Opportunistic', 'Off'])
  .describe(
    "Whether the gateway speaks TLS (VeNCrypt) to the VNC server. `Required`: with the session's own certificate, or not at all; our images do. `Opportunistic`: where the server offers it, with any certificate. `Off`: never.",
  );

const gpu = z.object({
  count: z.int().min(1).max(64).describe('How many. They are reserved while the desktop runs, and counted by quotas.'),
  resource: z
    .string()
    .max(253)
    .regex(
      /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/,
      'write the name of an extended resource, such as nvidia.com/gpu or amd.com/gpu',
    )
    .default('nvidia.com/gpu')
    .describe('The extended resource of the device plugin on the nodes.'),
});

export const templateSpec = z.object({
  displayName: z.string().min(1).max(80).describe('The name that people see.'),
  summary: z.string().max(280).default('').describe('One or two sentences for the catalog.'),
  icon: z
    .enum(['terminal', 'browser', 'code', 'desktop', 'database', 'design', 'office', 'science', 'education', 'tool'])
    .default('desktop')
    .describe('A picture of the built-in set.'),
  categories: z.array(tag).max(10).default([]).describe('Where the catalog lists it, such as `Development`.'),
  tags: z.array(tag).max(30).default([]).describe('Further words that search finds.'),
  maturity: z
    .enum(['draft', 'beta', 'stable', 'deprecated'])
    .default('stable')
    .describe('`draft` is not offered in the catalog; `beta` and `deprecated` carry a badge.'),
  featured: z.boolean().default(false).describe('Show it first.'),
  image: z
    .string()
    .min(1)
    .max(512)
    .regex(/^[^\s]+$/, 'write an image reference without spaces')
    .describe('A container that speaks RFB (VNC) on a TCP port, by tag or digest.'),
  imagePullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent').describe('As in a Pod.'),
  desktop: z
    .object({
      port: z.int().min(1024).max(65535).default(5900).describe('The TCP port of the VNC server.'),
      width: z.int().min(320).max(7680).default(1280).describe('Width at the start, in pixels.'),
      height: z.int().min(240).max(4320).default(800).describe('Height at the start, in pixels.'),
      tls: desktopTls.default('Opportunistic'),
    })
    .default({ port: 5900, width: 1280, height: 800, tls: 'Opportunistic' })
    .describe('How the desktop is reached and how large it starts.'),
  resources: z
    .object({
      cpu: quantity.default('250m').describe('CPU that is reserved.'),
      cpuLimit: quantity.optional().describe('CPU at most. Left out: no limit.'),
      memory: byteQuantity.default('512Mi').describe('Memory that is reserved.'),
      memoryLimit: byteQuantity.optional().describe('Memory at most. Left out: no limit.'),
      gpu: gpu.optional().describe('GPUs of the desktop. Left out: none.'),
    })
    .default({ cpu: '250m', memory: '512Mi' })
    .describe('What one session takes.'),
  home: z
    .object({
      size: byteQuantity.default('1Gi').describe('Size of the home volume.'),
      storageClassName: z.string().min(1).max(253).optional().describe('Left out: the default class of the cluster.'),
    })
    .default({ size: '1Gi' })
    .describe('The volume at /home/user, kept over hibernation.'),
  env: z
    .array(envVar)
    .max(64)
    .default([])
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
    .describe('Environment of the desktop; no secrets.'),
  priority: sessionPriority
    .optional()
    .describe('Lowers the `priority` of the team for its sessions; it never raises it. Left out: that of the team.'),
  network: dnsLabel
    .optional()
    .describe(
      "A NetworkProfile that narrows what the team's desktops may connect to: of this name, in `streamspace` and in the team's namespace. Where there is none of the name, nothing may be connected to. It counts from the next start of a session.",
    ),
  links: z
    .array(
      z.object({
        title: z.string().min(1).max(80).describe('Text of the link.'),
        url: z
          .string()
          .max(2048)
          .regex(/^https:\/\/[^\s]+$/, 'write an https URL')
          .describe('Where it leads.'),
      }),
    )
    .max(10)
    .default([])
    .describe('Where to read more.'),
});

export const templateStatus = z.object({
  observedGeneration: observedGeneration.optional(),
  conditions: conditions.optional(),
});

export type TemplateSpec = z.infer<typeof templateSpec>;
export type TemplateStatus = z.infer<typeof templateStatus>;
export type Template = KubeObject<TemplateSpec, TemplateStatus>;

export const templateKind: KindDefinition = {
  kind: 'Template',
  plural: 'templates',
  singular: 'template',
  shortNames: ['tpl'],
  scope: 'Namespaced',
  description:
    "A desktop that people can launch. In the namespace streamspace it is for everybody, in a team's namespace for the team.",
  spec: templateSpec,
  status: templateStatus,
  rules: [],
  columns: [
    { name: 'Name', type: 'string', jsonPath: '.spec.displayName' },
    { name: 'Maturity', type: 'string', jsonPath: '.spec.maturity' },
    { name: 'Image', type: 'string', jsonPath: '.spec.image' },
    { name: 'CPU', type: 'string', jsonPath: '.spec.resources.cpu', priority: 1 },
    { name: 'Memory', type: 'string', jsonPath: '.spec.resources.memory', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  conditions: { Ready: { Accepted: 'The template can be launched.' } },
};
