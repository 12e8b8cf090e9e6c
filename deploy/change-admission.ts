// Change requests say who asked and who approved. Both are written by the people themselves, so the API server sees to it, for every
// writer, that nobody writes the name of another, approves without the right to, or approves his own (docs/adr/0050-who-approves.md).
import { TAKE_BACK_PREFIX } from '../schemas/kinds/changes/change-request.ts';
import { API_GROUP, IMPERSONAL_PREFIXES, SYSTEM_NAMESPACE, SYSTEM_REQUESTER, USER_PREFIX } from '../schemas/names.ts';
import { CONTROLLER_ACCOUNT } from './access-admission.ts';
import type { Policy } from './admission-policy.ts';

const REQUESTS = { resources: ['changerequests'] } as const;
const WRITER = 'request.userInfo.username';
const ASKER = `'${USER_PREFIX}' + object.spec.requestedBy.name`;
const MAY_APPROVE = `authorizer.group('${API_GROUP}').resource('changerequests').namespace(request.namespace).check('approve').allowed()`;

/** Made by the controller when the time of another one is over; it needs no approval of its own, so nobody else makes one. */
const TAKES_BACK = 'has(object.spec.takesBack)';
const TAKE_BACK_NAME = `'${TAKE_BACK_PREFIX}' + object.spec.takesBack.uid`;
const BY_CONTROLLER = `${WRITER} == 'system:serviceaccount:${SYSTEM_NAMESPACE}:${CONTROLLER_ACCOUNT}'`;
/** By policy, the controller asks for what was merged to be undone, and for nothing else. */
const ASKED_BY_SYSTEM = `${BY_CONTROLLER} && has(object.spec.rollback) && !object.spec.requestedBy.mayApprove`;
const IN_NAME_OF_SYSTEM = `object.spec.requestedBy.name == '${SYSTEM_REQUESTER}'`;
const MADE_BY_ASKER = `(${TAKES_BACK} ? ${BY_CONTROLLER} && object.metadata.name == ${TAKE_BACK_NAME} : ${IN_NAME_OF_SYSTEM} ? ${ASKED_BY_SYSTEM} : ${WRITER} == ${ASKER})`;

const REVIEWS = 'object.spec.?reviews.orValue([])';
const REVIEWS_BEFORE = 'oldObject.spec.?reviews.orValue([])';
/** Those that come with this request: the list is only added to. */
const NEW_REVIEWS = `${REVIEWS}.filter(review, !(review in ${REVIEWS_BEFORE}))`;
const KEPT = `${REVIEWS}.size() >= ${REVIEWS_BEFORE}.size() && ${REVIEWS_BEFORE}.all(review, review in ${REVIEWS})`;
const UNCHANGED = `${REVIEWS} == ${REVIEWS_BEFORE}`;
/** An approval is of a human being: whoever asked may have the key of a machine, or the password of the break-glass account. */
const BY_PERSON = `(review.verdict != 'Approve' || !${JSON.stringify(IMPERSONAL_PREFIXES)}.exists(prefix, review.by.startsWith(prefix)))`;
const WITHDRAWN = 'object.spec.?withdrawn.orValue(false)';

export const CHANGE_POLICIES: readonly Policy[] = [
  {
    name: `change-asker.${API_GROUP}`,
    ...REQUESTS,
    operations: ['CREATE'],
    expression: [
      MADE_BY_ASKER,
      `${REVIEWS}.size() == 0`,
      `!${WITHDRAWN}`,
      `(!object.spec.requestedBy.mayApprove || (!${TAKES_BACK} && ${MAY_APPROVE}))`,
    ].join(' && '),
    message: `'a change request is made by whoever asks, in his own name and without reviews, and says mayApprove only where that is so; this one is made by ' + ${WRITER}`,
  },
  {
    name: `change-review.${API_GROUP}`,
    ...REQUESTS,
    operations: ['UPDATE'],
    when: 'object.spec != oldObject.spec',
    expression: [
      `(${UNCHANGED})`,
      `((${KEPT}) && ${MAY_APPROVE} && ${NEW_REVIEWS}.all(review, '${USER_PREFIX}' + review.by == ${WRITER} && review.by != object.spec.requestedBy.name && ${BY_PERSON}))`,
    ].join(' || '),
    message: `'reviews are added, in his own name, by whoever has the right "approve" on changerequests in ' + request.namespace + ' and has not asked for the change himself, and approvals by people, not by machines or the break-glass account; not by ' + ${WRITER}`,
  },
  {
    name: `change-withdrawal.${API_GROUP}`,
    ...REQUESTS,
    operations: ['UPDATE'],
    when: 'object.spec != oldObject.spec',
    expression: `${WITHDRAWN} == oldObject.spec.?withdrawn.orValue(false) || (!${TAKES_BACK} && ${WRITER} == ${ASKER})`,
    message: `${TAKES_BACK} ? 'what was granted until a time is taken back, and nobody withdraws that' : 'only ' + object.spec.requestedBy.name + ' can withdraw this change request'`,
  },
];
