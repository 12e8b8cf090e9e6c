// What the gateway watches for everybody: one reflector a kind, with its own rights.

import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson, Resource } from '../../runtime/kube/types.ts';
import { startReflector } from '../../runtime/kube/watch/reflector.ts';
import type { Logger } from '../../runtime/log/log.ts';
import { LABELS, SYSTEM_NAMESPACE } from '../../schemas/names.ts';
import type { Decisions } from '../auth/decisions.ts';
import { ReflectedFeed } from '../http/live/feed.ts';
import type {
  ChangeRequestJson,
  GitSyncJson,
  IdentityProviderJson,
  QuotaJson,
  SessionJson,
  SessionShareJson,
  SignInPolicyJson,
  TeamJson,
  TemplateJson,
  UsageJson,
} from './kinds-json.ts';

/** What streams need to know. */
export interface StreamFeeds {
  readonly sessions: ReflectedFeed<SessionJson>;
  readonly teams: ReflectedFeed<TeamJson>;
  readonly shares: ReflectedFeed<SessionShareJson>;
  /** ServiceAccounts of machines: metadata alone. */
  readonly machineAccounts: ReflectedFeed<KubeObjectJson>;
  readonly ready: () => boolean;
  /** Milliseconds since the API server last said anything about sessions; it does so once a minute at least. */
  readonly sessionsAgeMs: () => number;
  /** Resolves when all have ended after the signal. */
  readonly ended: Promise<unknown>;
}

export interface Feeds extends StreamFeeds {
  readonly templates: ReflectedFeed<TemplateJson>;
  readonly gitSyncs: ReflectedFeed<GitSyncJson>;
  readonly changes: ReflectedFeed<ChangeRequestJson>;
  readonly quotas: ReflectedFeed<QuotaJson>;
  /** CPU hours of sessions that are deleted. */
  readonly usage: ReflectedFeed<UsageJson>;
  readonly identityProviders: ReflectedFeed<IdentityProviderJson>;
  readonly signInPolicies: ReflectedFeed<SignInPolicyJson>;
}

export interface FeedPorts {
  readonly client: KubeClient;
  readonly decisions: Decisions;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export function startFeeds(ports: FeedPorts): Feeds {
  const watching = new Watching(ports);
  const more = {
    templates: watching.feedOf<TemplateJson>(RESOURCES.templates),
    gitSyncs: watching.feedOf<GitSyncJson>(RESOURCES.gitSyncs),
    changes: watching.feedOf<ChangeRequestJson>(RESOURCES.changeRequests),
    quotas: watching.feedOf<QuotaJson>(RESOURCES.quotas),
    usage: watching.feedOf<UsageJson>(RESOURCES.configMaps, { namespace: SYSTEM_NAMESPACE, labelSelector: LABELS.usage }),
    identityProviders: watching.feedOf<IdentityProviderJson>(RESOURCES.identityProviders),
    signInPolicies: watching.feedOf<SignInPolicyJson>(RESOURCES.signInPolicies),
  };
  return { ...watching.streamFeeds(), ...more };
}

export function startStreamFeeds(ports: FeedPorts): StreamFeeds {
  return new Watching(ports).streamFeeds();
}

interface Selection<T> {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly metadataOnly?: boolean;
  /** Called before anybody is told. */
  readonly before?: (object: T) => void;
}

class Watching {
  readonly #ports: FeedPorts;
  readonly #feeds: { readonly ready: boolean }[] = [];
  readonly #ended: Promise<void>[] = [];
  readonly #ages = new Map<string, () => number>();

  constructor(ports: FeedPorts) {
    this.#ports = ports;
  }

  feedOf<T extends KubeObjectJson>(resource: Resource, { before, ...selection }: Selection<T> = {}): ReflectedFeed<T> {
    const { client, signal, log } = this.#ports;
    const feed = new ReflectedFeed<T>();
    const reflector = startReflector<T>({
      client,
      resource,
      ...selection,
      signal,
      onEvent: (event) => {
        if (event.type !== 'synced') before?.(event.object);
        feed.accept(event);
      },
      onError: (error) => log.warn({ err: error, resource: resource.plural }, 'a watch failed and is tried again'),
    });
    this.#feeds.push(feed);
    this.#ended.push(reflector.ended);
    this.#ages.set(resource.plural, () => reflector.ageMs());
    return feed;
  }

  /** The last to be asked for: what is said of all is said of those before, too. */
  streamFeeds(): StreamFeeds {
    const { decisions } = this.#ports;
    return {
      // The rights of an owner come with his session: what was remembered of them is forgotten before anybody is told.
      sessions: this.feedOf<SessionJson>(RESOURCES.sessions, {
        before: ({ spec, metadata }) => decisions.forgetRules(spec.owner, metadata.namespace ?? ''),
      }),
      teams: this.feedOf<TeamJson>(RESOURCES.teams),
      shares: this.feedOf<SessionShareJson>(RESOURCES.sessionShares),
      machineAccounts: this.feedOf<KubeObjectJson>(RESOURCES.serviceAccounts, {
        labelSelector: LABELS.machine,
        metadataOnly: true,
      }),
      ready: () => this.#feeds.every((feed) => feed.ready),
      sessionsAgeMs: () => this.#ages.get(RESOURCES.sessions.plural)?.() ?? 0,
      ended: Promise.allSettled(this.#ended),
    };
  }
}
