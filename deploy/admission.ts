// Admission policies: what must hold for every writer, kubectl and cluster admins included.
import type { KubeObjectJson } from '../runtime/kube/types.ts';
import { API_GROUP, USER_PREFIX } from '../schemas/names.ts';
import { MANAGED } from './role-objects.ts';

interface Policy {
  readonly name: string;
  readonly resources: readonly string[];
  readonly operations: readonly ('CREATE' | 'UPDATE')[];
  /** CEL, true when the request is admitted. */
  readonly expression: string;
  /** CEL that gives the words of the refusal. */
  readonly message: string;
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
        matchConstraints: {
          resourceRules: [
            { apiGroups: [API_GROUP], apiVersions: ['*'], operations: policy.operations, resources: policy.resources },
          ],
        },
        validations: [{ expression: policy.expression, messageExpression: policy.message, reason: 'Forbidden' }],
      },
    },
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata,
      spec: { policyName: policy.name, validationActions: ['Deny'] },
    },
  ];
}

export function admissionManifests(): readonly KubeObjectJson[] {
  return POLICIES.flatMap(objectsOf);
}
