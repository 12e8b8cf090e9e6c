// What an installation on one machine does not do. Said at every start instead of being found out.
import type { KubeObjectJson } from '../runtime/kube/types.ts';
import type { ErrorCode } from '../schemas/errors.ts';
import { INSTALLATION_NOTES, SYSTEM_NAMESPACE } from '../schemas/names.ts';

export const FINDING_CODES = [
  'NetworkPolicyNotEnforced',
  'VolumeSizeNotEnforced',
  'ImagesNotImported',
] as const satisfies readonly ErrorCode[];

export interface Finding {
  readonly code: (typeof FINDING_CODES)[number];
  readonly message: string;
}

/** @param of unfiltered: why packets of pods cannot be filtered on this machine; undefined where they are */
export function findingsOf(
  of: { readonly cluster: 'external' } | { readonly cluster: 'local'; readonly unfiltered: string | undefined },
): readonly Finding[] {
  if (of.cluster === 'external') {
    return [
      {
        code: 'ImagesNotImported',
        message: 'the desktop images are not in this cluster, and the gateway must be able to reach the addresses of its pods',
      },
    ];
  }
  return [
    ...(of.unfiltered === undefined
      ? []
      : [
          {
            code: 'NetworkPolicyNotEnforced' as const,
            message: `NetworkPolicies are not enforced on this machine, and desktops can reach each other: ${of.unfiltered}`,
          },
        ]),
    {
      code: 'VolumeSizeNotEnforced',
      message: 'volumes of the local cluster are folders: their size is not limited',
    },
  ];
}

/** Where the health page reads them. */
export function notesManifest(findings: readonly Finding[]): KubeObjectJson {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: INSTALLATION_NOTES, namespace: SYSTEM_NAMESPACE },
    data: Object.fromEntries(findings.map(({ code, message }) => [code, message])),
  };
}
