// Admission policies: what must hold for every writer, kubectl and cluster admins included.
import type { KubeObjectJson } from '../runtime/kube/types.ts';
import {
  ANNOTATIONS,
  API_GROUP,
  API_GROUP_VERSION,
  DESKTOP_CONTAINER,
  LABELS,
  SYSTEM_NAMESPACE,
  USER_PREFIX,
} from '../schemas/names.ts';
import { ACCESS_POLICIES } from './access-admission.ts';
import type { Policy } from './admission-policy.ts';
import { CHANGE_POLICIES } from './change-admission.ts';
import { MANAGED } from './role-objects.ts';

/** Whose value names the one who asks, and what it is bound to (schemas/names.ts, `requestedBy`). */
const ASKING = [
  [ANNOTATIONS.syncRequestedAt, ANNOTATIONS.syncRequestedBy],
  [ANNOTATIONS.confirmDeletions, ANNOTATIONS.deletionsConfirmedBy],
] as const;

/** The service account of the gateway (manifests.ts). */
export const GATEWAY_ACCOUNT = 'streamspace-gateway';

const annotationOf = (object: 'object' | 'oldObject', annotation: string): string =>
  `${object}.metadata.?annotations[?'${annotation}'].orValue('')`;

/** It names nobody, or the one who writes it now, or it is as it was and says nothing of what is asked now. */
function namesTheAsker([wish, by]: (typeof ASKING)[number]): string {
  const unchanged = `${annotationOf('object', by)} == ${annotationOf('oldObject', by)}`;
  const sameWish = `${annotationOf('object', wish)} == ${annotationOf('oldObject', wish)}`;
  const otherWish = `!${annotationOf('object', by)}.startsWith(${annotationOf('object', wish)} + ' ')`;
  return [
    `${annotationOf('object', by)} == ''`,
    `${annotationOf('object', by)} == ${annotationOf('object', wish)} + ' ' + request.userInfo.username`,
    `(${unchanged} && (${sameWish} || ${otherWish}))`,
  ].join(' || ');
}

const POLICIES: readonly Policy[] = [
  {
    // Without it, whoever may create sessions could start one in the name of a colleague.
    name: `session-owner.${API_GROUP}`,
    resources: ['sessions'],
    operations: ['CREATE'],
    expression: [
      `request.userInfo.username == '${USER_PREFIX}' + object.spec.owner`,
      `authorizer.group('${API_GROUP}').resource('sessions').namespace(request.namespace).check('assign').allowed()`,
    ].join(' || '),
    message:
      "'spec.owner is ' + object.spec.owner + ', and only who has the right \"assign\" on sessions in ' + request.namespace + ' may start one for somebody else'",
  },
  {
    // Who may share is judged by the gateway: whoever could write one otherwise would let in whom he likes. What changes no wish
    // passes, so that the garbage collection of the cluster can take a share away.
    name: `session-share.${API_GROUP}`,
    resources: ['sessionshares'],
    operations: ['CREATE', 'UPDATE'],
    expression: [
      `request.userInfo.username == 'system:serviceaccount:${SYSTEM_NAMESPACE}:streamspace-gateway'`,
      `(request.operation == 'UPDATE' && object.spec == oldObject.spec)`,
    ].join(' || '),
    message: `'shares are made by the gateway, for whoever may share the session; not by ' + request.userInfo.username`,
  },
  {
    // The history of syncs says who asked; without this, whoever may ask could do so in the name of a colleague.
    name: `sync-asker.${API_GROUP}`,
    resources: ['gitsyncs'],
    operations: ['UPDATE'],
    expression: ASKING.map((pair) => `(${namesTheAsker(pair)})`).join(' && '),
    message: `'${ANNOTATIONS.syncRequestedBy} and ${ANNOTATIONS.deletionsConfirmedBy} may name only who writes them, which is ' + request.userInfo.username`,
  },
  {
    // RBAC lets the gateway run commands in pods, for the files and consoles of sessions, and knows no labels: without this in every pod.
    name: `gateway-exec.${API_GROUP}`,
    apiGroup: '',
    resources: ['pods/exec', 'pods/attach', 'pods/portforward'],
    operations: ['CONNECT'],
    when: `request.userInfo.username == 'system:serviceaccount:${SYSTEM_NAMESPACE}:${GATEWAY_ACCOUNT}'`,
    expression: [
      `request.subResource == 'exec'`,
      `object.?container.orValue('') == '${DESKTOP_CONTAINER}'`,
      `'${LABELS.team}' in namespaceObject.metadata.?labels.orValue({})`,
    ].join(' && '),
    message: `'the gateway runs commands in the container ${DESKTOP_CONTAINER} of the pods of a team only, not in ' + request.namespace + '/' + request.name`,
  },
];

function objectsOf(policy: Policy): readonly KubeObjectJson[] {
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const metadata = { name: policy.name, labels: MANAGED };
  return [
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicy',
      metadata,
      spec: {
        failurePolicy: 'Fail',
        ...(policy.params === undefined ? {} : { paramKind: { apiVersion: API_GROUP_VERSION, kind: policy.params } }),
        ...(policy.when === undefined ? {} : { matchConditions: [{ name: 'when', expression: policy.when }] }),
        matchConstraints: {
          resourceRules: [
            {
              apiGroups: [policy.apiGroup ?? API_GROUP],
              apiVersions: ['*'],
              operations: policy.operations,
              resources: policy.resources,
            },
          ],
        },
        validations: [{ expression: policy.expression, messageExpression: policy.message, reason: 'Forbidden' }],
      },
    },
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata,
      spec: {
        policyName: policy.name,
        validationActions: ['Deny'],
        ...(policy.params === undefined ? {} : { paramRef: { selector: {}, parameterNotFoundAction: 'Allow' } }),
      },
    },
  ];
}

export function admissionManifests(): readonly KubeObjectJson[] {
  return [...POLICIES, ...ACCESS_POLICIES, ...CHANGE_POLICIES].flatMap(objectsOf);
}
