// What an installation on one machine does not do. Said at every start instead of being found out.
import type { ErrorCode } from '../schemas/errors.ts';

export const FINDING_CODES = [
  'NetworkPolicyNotEnforced',
  'VolumeSizeNotEnforced',
  'ImagesNotImported',
] as const satisfies readonly ErrorCode[];

export interface Finding {
  readonly code: (typeof FINDING_CODES)[number];
  readonly message: string;
}

export function findingsOf(cluster: 'local' | 'external'): readonly Finding[] {
  if (cluster === 'external') {
    return [
      {
        code: 'ImagesNotImported',
        message: 'the desktop images are not in this cluster, and the gateway must be able to reach the addresses of its pods',
      },
    ];
  }
  return [
    {
      code: 'NetworkPolicyNotEnforced',
      message: 'the bridge network of the local cluster does not enforce NetworkPolicy: desktops can reach each other',
    },
    {
      code: 'VolumeSizeNotEnforced',
      message: 'volumes of the local cluster are folders: their size is not limited',
    },
  ];
}
