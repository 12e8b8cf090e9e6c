// What decides where a desktop may connect to: from a folder, with the place of each in it, or from the cluster.
import type * as z from 'zod';
import { type NetworkPolicySpec, networkPolicySpec } from '../controller/policies/network/network-policy.ts';
import { teamNetworkPolicies } from '../controller/policies/network/render.ts';
import { type Labelled, networkLabel } from '../controller/policies/network/session-network.ts';
import type { Manifest } from '../controller/render/manifest.ts';
import { RESOURCES } from '../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson } from '../runtime/kube/types.ts';
import { formatPosition, StreamSpaceError } from '../schemas/errors.ts';
import type { KubeObject } from '../schemas/kinds/kind.ts';
import { type NetworkProfile, networkProfileSpec } from '../schemas/kinds/policies/network-profile.ts';
import { type Team, teamNamespace, teamSpec } from '../schemas/kinds/team.ts';
import { type Template, templateSpec } from '../schemas/kinds/template.ts';
import { ANNOTATIONS, API_GROUP_VERSION, SYSTEM_NAMESPACE } from '../schemas/names.ts';

export interface SourcedPolicy {
  readonly name: string;
  readonly spec: NetworkPolicySpec;
  /** `NetworkProfile streamspace/internet (profiles.yaml:4)`, or the place of a policy that was written as it is. */
  readonly from: readonly string[];
}

export interface NetworkSources {
  readonly teams: readonly Team[];
  readonly templates: readonly Template[];
  /** All NetworkPolicies in the namespace of a team: those of StreamSpace and others. */
  policiesOf(team: Team): Promise<readonly SourcedPolicy[]>;
  /** The NetworkProfile that a session was started with. Undefined where it is not started. @throws UsageInvalid, NotFound */
  startedWith(namespace: string, session: string): Promise<string | undefined>;
}

/** As a controller would render it. @throws ManifestInvalid with the place of the mistake */
export function sourcesOfManifests(manifests: readonly Manifest[]): NetworkSources {
  const places = new Map<object, string>();
  const ours = <S>(kind: string, schema: z.ZodType<S>): readonly KubeObject<S, never>[] =>
    manifests
      .filter((each) => each.kind === kind && each.apiVersion === API_GROUP_VERSION)
      .map((each) => {
        const metadata = { name: each.name, ...(kind === 'Team' ? {} : { namespace: each.namespace ?? SYSTEM_NAMESPACE }) };
        const object = { apiVersion: each.apiVersion, kind, metadata, spec: parsed(each, schema) };
        places.set(object, formatPosition(each.position));
        return object;
      });
  const teams = ours('Team', teamSpec);
  const profiles: readonly NetworkProfile[] = ours('NetworkProfile', networkProfileSpec);
  const profileAt = new Map(profiles.map((each) => [`${each.metadata.namespace}/${each.metadata.name}`, places.get(each)]));
  return {
    teams,
    templates: ours('Template', templateSpec),
    policiesOf: async (team) => [
      ...teamNetworkPolicies(team, profiles).map(({ name, spec, profiles: from }) => ({
        ...{ name, spec },
        from: from.map((path) => `NetworkProfile ${path} (${profileAt.get(path)})`),
      })),
      ...manifests
        .filter(
          ({ kind, namespace, apiVersion }) =>
            kind === 'NetworkPolicy' && namespace === teamNamespace(team) && apiVersion === 'networking.k8s.io/v1',
        )
        .map((each) => ({ name: each.name, spec: parsed(each, networkPolicySpec), from: [formatPosition(each.position)] })),
    ],
    startedWith: async () => {
      throw new StreamSpaceError('UsageInvalid', 'sessions are not in Git: ask about one with --live, or about its template');
    },
  };
}

/** What is in force. @throws what the API server says */
export async function sourcesOfCluster(client: KubeClient, signal: AbortSignal): Promise<NetworkSources> {
  const [teams, templates] = await Promise.all([
    client.list<Team>(RESOURCES.teams, { signal }),
    client.list<Template>(RESOURCES.templates, { signal }),
  ]);
  return {
    teams: teams.items,
    templates: templates.items,
    policiesOf: async (team) => {
      const { items } = await client.list<KubeObjectJson>(RESOURCES.networkPolicies, { namespace: teamNamespace(team), signal });
      return items.map(({ metadata, spec }) => {
        const profiles = metadata.annotations?.[ANNOTATIONS.networkProfiles]?.split(' ') ?? [];
        return {
          name: metadata.name,
          spec: networkPolicySpec.parse(spec),
          from: profiles.map((path) => `NetworkProfile ${path}`),
        };
      });
    },
    startedWith: async (namespace, session) => {
      await client.get(RESOURCES.sessions, namespace, session, { signal });
      const found = await client.find<Labelled & KubeObjectJson>(RESOURCES.statefulSets, namespace, session, { signal });
      if (found === undefined) throw new StreamSpaceError('NotFound', `session ${namespace}/${session} has no desktop`);
      return networkLabel(found);
    },
  };
}

function parsed<S>({ object, kind, name, position }: Manifest, schema: z.ZodType<S>): S {
  const result = schema.safeParse(object['spec']);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const message = `spec.${issue?.path.join('.') ?? ''} of ${kind} ${name}: ${issue?.message ?? 'invalid'}`;
  throw new StreamSpaceError('ManifestInvalid', message, { position });
}
