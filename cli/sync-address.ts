// Where the API of the gateway has a GitSync and its objects, from what people write on a command line.

import type { Command } from 'commander';
import { Option } from 'commander';
import type { GitSyncView } from '../schemas/api/api.ts';
import { StreamSpaceError } from '../schemas/errors.ts';
import { SYSTEM_NAMESPACE } from '../schemas/names.ts';
import { stateOption } from './commands/state-option.ts';
import type { GatewayApi, GatewayOptions } from './gateway-api.ts';

export interface SyncFlags extends GatewayOptions {
  readonly namespace: string;
  readonly json?: true;
}

/** The options of every command that speaks about a GitSync through the gateway. */
export function syncOptions(command: Command): Command {
  return command
    .option('-n, --namespace <name>', 'namespace of the GitSync', SYSTEM_NAMESPACE)
    .addOption(new Option('--as <person>', 'a person of the local installation (default: admin)'))
    .option('--server <url>', 'a gateway elsewhere, with the key in STREAMSPACE_API_KEY')
    .option('--json', 'print the answer as JSON')
    .addOption(stateOption());
}

export function syncPath(namespace: string, name: string): string {
  return `/namespaces/${encodeURIComponent(namespace)}/gitsyncs/${encodeURIComponent(name)}`;
}

/** The one that is named, else the only one of the namespace. @throws UsageInvalid */
export async function syncNameOf(api: GatewayApi, name: string | undefined, namespace: string): Promise<string> {
  if (name !== undefined) return name;
  const { items } = await api.call<{ readonly items: readonly GitSyncView[] }>('GET', '/gitsyncs');
  const names = items.filter(({ metadata }) => metadata.namespace === namespace).map(({ metadata }) => metadata.name);
  const [only] = names;
  if (only !== undefined && names.length === 1) return only;
  throw new StreamSpaceError(
    'UsageInvalid',
    only === undefined ? `you see no GitSync in namespace ${namespace}` : `name one of the GitSyncs: ${names.join(', ')}`,
  );
}

export interface ObjectWords {
  readonly group?: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/**
 * `Deployment/team-web/api`, `Namespace/team-web`, `apps/Deployment/team-web/api`, or the id `/ConfigMap/team-web/a` as the
 * history prints it. @throws UsageInvalid
 */
export function parseObject(text: string): ObjectWords {
  const parts = text.split('/');
  const [first = '', second = '', third = '', ...rest] = parts;
  if (parts.length === 2 && first !== '' && second !== '') return { kind: first, name: second };
  if (parts.length === 3 && parts.every((part) => part !== '')) return { kind: first, namespace: second, name: third };
  if (parts.length >= 4 && second !== '' && rest.join('/') !== '')
    return { group: first, kind: second, namespace: third, name: rest.join('/') };
  throw new StreamSpaceError('UsageInvalid', `${text}: write KIND/NAMESPACE/NAME, or GROUP/KIND/NAMESPACE/NAME`);
}

/** The objects of a tree that are meant by these words; kinds are compared without regard to case. */
export function matches(
  words: ObjectWords,
  object: { readonly group: string; readonly kind: string; readonly namespace: string; readonly name: string },
): boolean {
  return (
    words.kind.toLowerCase() === object.kind.toLowerCase() &&
    words.name === object.name &&
    (words.group === undefined || words.group === object.group) &&
    (words.namespace === undefined || words.namespace === object.namespace)
  );
}

export function objectPathOf({ group, kind, namespace, name }: Required<ObjectWords>): string {
  return `/objects/${[group === '' ? 'core' : group, kind, namespace === '' ? '-' : namespace, name].map(encodeURIComponent).join('/')}`;
}
