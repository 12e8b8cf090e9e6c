// Machines of a team as the API shows them.
import * as z from 'zod';
import { teamRole } from '../kinds/team.ts';
import { apiKeyView } from './api-keys.ts';

const machineView = z.object({
  name: z.string(),
  user: z.string().describe('As who it acts: `machine:<team>.<name>`.'),
  role: teamRole,
  description: z.string().nullable(),
  serviceAccount: z.string().describe('In the namespace of the team: tokens of it for the audience `streamspace` are good here.'),
  apiKeys: z.array(apiKeyView),
});
export type MachineView = z.infer<typeof machineView>;

export const machineList = z.object({
  namespace: z.string(),
  items: z.array(machineView),
  may: z.object({ update: z.boolean().describe('Make, replace and revoke keys.') }),
});
export type MachineList = z.infer<typeof machineList>;
