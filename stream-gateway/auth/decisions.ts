// What the API server says a person may do, remembered for a few seconds. Only to filter what is shown: whatever changes
// something goes to the API server as the person and is decided there.
import type { AccessReview, KubeClient } from '../../runtime/kube/types.ts';
import { API_GROUP } from '../../schemas/names.ts';
import type { Person } from '../store/people.ts';
import { ExpiringCache } from './expiring-cache.ts';
import { impersonationOf, reviewSubjectOf } from './identity.ts';

export type OurVerb =
  | 'get'
  | 'list'
  | 'watch'
  | 'create'
  | 'update'
  | 'patch'
  | 'delete'
  | 'connect'
  | 'observe'
  | 'control'
  | 'exec'
  | 'assign'
  | 'hold'
  | 'approve'
  | '*';
export type OurResource =
  | 'sessions'
  | 'templates'
  | 'gitsyncs'
  | 'teams'
  | 'auditevents'
  | 'recordings'
  | 'people'
  | 'health'
  | 'machines'
  | 'quotas'
  | 'changerequests'
  | '*';

export interface Question {
  readonly verb: OurVerb;
  readonly resource: OurResource;
  /** Left out: everywhere. */
  readonly namespace?: string;
  readonly name?: string;
}

/** One rule of a SelfSubjectRulesReview. */
export interface ResourceRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** Shorter than the time between two rechecks of a watched list (http/live/hub.ts), so that each of them asks anew (P-07-2). */
export const DECISION_TTL_MS = 4_000;

export interface DecisionPorts {
  /** With the gateway's own rights. */
  readonly client: KubeClient;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

function reviewOf(question: Question): AccessReview {
  return { group: API_GROUP, ...question };
}

function keyOf(person: Person, ...parts: readonly string[]): string {
  return JSON.stringify([person.name, person.groups, ...parts]);
}

function rulesKey(person: string, namespace: string): string {
  return `${person} ${namespace}`;
}

export class Decisions {
  readonly #client: KubeClient;
  readonly #answers: ExpiringCache<boolean>;
  readonly #rules: ExpiringCache<readonly ResourceRule[]>;

  constructor({ client, now }: DecisionPorts) {
    this.#client = client;
    this.#answers = new ExpiringCache({ ttlMs: DECISION_TTL_MS, maxEntries: 20_000, now });
    this.#rules = new ExpiringCache({ ttlMs: DECISION_TTL_MS, maxEntries: 2_000, now });
  }

  /** Asked now, never remembered: for what opens something. */
  async ask(person: Person, question: Question): Promise<boolean> {
    return (await this.#client.review(reviewOf(question), reviewSubjectOf(person))).allowed;
  }

  /** At most {@link DECISION_TTL_MS} old. */
  async allowed(person: Person, question: Question): Promise<boolean> {
    const { verb, resource, namespace = '', name = '' } = question;
    return await this.#answers.get(keyOf(person, verb, resource, namespace, name), () => this.ask(person, question));
  }

  /** Whoever may it everywhere is asked about once, not once for every namespace. */
  async allowedIn(person: Person, verb: OurVerb, resource: OurResource, namespace: string): Promise<boolean> {
    return (await this.allowed(person, { verb, resource })) || (await this.allowed(person, { verb, resource, namespace }));
  }

  /**
   * Everything the person may do in a namespace, in one answer: a list of a hundred sessions needs no hundred reviews.
   * Good for hints such as which buttons to show; it knows RBAC only.
   */
  async rulesIn(person: Person, namespace: string): Promise<readonly ResourceRule[]> {
    return await this.#rules.get(rulesKey(person.name, namespace), async () => {
      const review = await this.#client
        .as(impersonationOf(person))
        .json<{ status?: { resourceRules?: readonly ResourceRule[] } }>({
          method: 'POST',
          path: '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
          body: JSON.stringify({
            apiVersion: 'authorization.k8s.io/v1',
            kind: 'SelfSubjectRulesReview',
            spec: { namespace },
          }),
        });
      const rules = review.status?.resourceRules ?? [];
      return rules.filter((rule) => covers(rule.apiGroups, API_GROUP));
    });
  }

  /** After something changed that rights follow from, such as a new session of the person. */
  forgetRules(person: string, namespace: string): void {
    this.#rules.forget(rulesKey(person, namespace));
  }
}

function covers(list: readonly string[] | undefined, wanted: string): boolean {
  return list?.some((item) => item === '*' || item === wanted) ?? false;
}

/** What the rules say about one verb on one object. */
export function rulesAllow(rules: readonly ResourceRule[], verb: OurVerb, resource: OurResource, name: string): boolean {
  return rules.some(
    (rule) =>
      covers(rule.verbs, verb) &&
      covers(rule.resources, resource) &&
      (rule.resourceNames === undefined || rule.resourceNames.length === 0 || rule.resourceNames.includes(name)),
  );
}
