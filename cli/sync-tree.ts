// The whole tree of a GitSync, page by page, and the object that is meant in it.
import type { SyncTree, TreeNode } from '../schemas/api/syncs.ts';
import { StreamSpaceError } from '../schemas/errors.ts';
import type { GatewayApi } from './gateway-api.ts';
import { matches, parseObject } from './sync-address.ts';

export async function readTree(api: GatewayApi, path: string): Promise<SyncTree> {
  const items: TreeNode[] = [];
  let leftOut = false;
  for (let cursor = ''; ; ) {
    const query = cursor === '' ? '' : `?continue=${encodeURIComponent(cursor)}`;
    const page = await api.call<SyncTree>('GET', `${path}/tree${query}`);
    items.push(...page.items);
    leftOut ||= page.childrenLeftOut;
    if (page.metadata.continue === undefined) return { ...page, items, childrenLeftOut: leftOut };
    cursor = page.metadata.continue;
  }
}

/** @throws NotFound, UsageInvalid when several are meant */
export async function findNode(api: GatewayApi, path: string, text: string): Promise<TreeNode> {
  const words = parseObject(text);
  const found = (await readTree(api, path)).items.filter((node) => matches(words, node));
  const [only] = found;
  if (only === undefined) throw new StreamSpaceError('NotFound', `the GitSync has applied no ${text}`);
  if (found.length === 1) return only;
  throw new StreamSpaceError('UsageInvalid', `${text} may be ${found.map(({ object }) => object).join(' or ')}`);
}
