// What the gateway watches for everybody: one reflector a kind, with its own rights.
import { startReflector } from '../../runtime/kube/reflector.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson, Resource } from '../../runtime/kube/types.ts';
import type { Logger } from '../../runtime/log/log.ts';
import type { Decisions } from '../auth/decisions.ts';
import { ReflectedFeed } from '../http/live/feed.ts';
import type { GitSyncJson, SessionJson, SessionShareJson, TeamJson, TemplateJson } from './kinds-json.ts';

export interface Feeds {
  readonly sessions: ReflectedFeed<SessionJson>;
  readonly templates: ReflectedFeed<TemplateJson>;
  readonly gitSyncs: ReflectedFeed<GitSyncJson>;
  readonly teams: ReflectedFeed<TeamJson>;
  readonly shares: ReflectedFeed<SessionShareJson>;
  readonly ready: () => boolean;
  /** Milliseconds since the API server last said anything about sessions; it does so once a minute at least. */
  readonly sessionsAgeMs: () => number;
  /** Resolves when all have ended after the signal. */
  readonly ended: Promise<unknown>;
}

export interface FeedPorts {
  readonly client: KubeClient;
  readonly decisions: Decisions;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export function startFeeds({ client, decisions, log, signal }: FeedPorts): Feeds {
  const ended: Promise<void>[] = [];
  const ages = new Map<string, () => number>();
  function feedOf<T extends KubeObjectJson>(resource: Resource, before?: (object: T) => void): ReflectedFeed<T> {
    const feed = new ReflectedFeed<T>();
    const reflector = startReflector<T>({
      client,
      resource,
      signal,
      onEvent: (event) => {
        if (event.type !== 'synced') before?.(event.object);
        feed.accept(event);
      },
      onError: (error) => log.warn({ err: error, resource: resource.plural }, 'a watch failed and is tried again'),
    });
    ended.push(reflector.ended);
    ages.set(resource.plural, () => reflector.ageMs());
    return feed;
  }
  const feeds = {
    // The rights of an owner come with his session: what was remembered of them is forgotten before anybody is told.
    sessions: feedOf<SessionJson>(RESOURCES.sessions, ({ spec, metadata }) =>
      decisions.forgetRules(spec.owner, metadata.namespace ?? ''),
    ),
    templates: feedOf<TemplateJson>(RESOURCES.templates),
    gitSyncs: feedOf<GitSyncJson>(RESOURCES.gitSyncs),
    teams: feedOf<TeamJson>(RESOURCES.teams),
    shares: feedOf<SessionShareJson>(RESOURCES.sessionShares),
  };
  return {
    ...feeds,
    ready: () => Object.values(feeds).every((feed) => feed.ready),
    sessionsAgeMs: () => ages.get(RESOURCES.sessions.plural)?.() ?? 0,
    ended: Promise.allSettled(ended),
  };
}
