// POST /hooks/{github,gitea,gitlab,generic}/NAMESPACE/NAME: a forge says that somebody pushed. Only ever a hint, with jitter:
// the body is signed and counted, and never looked into. It is answered once it waits where hooks wait.
import express, { type Request, type Router } from 'express';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson } from '../../../runtime/kube/types.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { GitSync } from '../../../schemas/kinds/git-sync/git-sync.ts';
import { dnsLabel } from '../../../schemas/kinds/kind.ts';
import { answerErrors, Brake } from './brake.ts';
import type { GitSyncKey, HookInbox } from './hook-inbox.ts';
import { deliveryOf, FORGES, type Forge, isSigned } from './hook-signature.ts';

export interface ForgeHookPorts {
  readonly client: Pick<KubeClient, 'find'>;
  readonly inbox: Pick<HookInbox, 'seen' | 'take'>;
  /** In [0, 1): spreads what one push wakes. */
  readonly random: () => number;
}

export const HOOK_LIMITS = {
  bodyBytes: 1024 ** 2,
  /** Of one address, good or bad, a minute: a forge sends all its hooks from a few. */
  perAddress: { points: 600, duration: 60 },
  /** Of one GitSync, with a good signature, a minute: nobody without the secret uses it up. */
  perGitSync: { points: 60, duration: 60 },
  jitterMs: 2_000,
} as const;

export function createForgeHook(ports: ForgeHookPorts): Router {
  const hook = new ForgeHook(ports);
  const router = express.Router();
  const body = express.raw({ type: 'application/json', limit: HOOK_LIMITS.bodyBytes, inflate: false });
  router.post(
    `/hooks/:forge/:namespace/:name`,
    async (req, res, next) => {
      await hook.addresses.countAddress(req);
      // express would read all of it before it refuses.
      if (Number(req.headers['content-length'] ?? 0) > HOOK_LIMITS.bodyBytes) {
        res.setHeader('connection', 'close');
        throw tooLarge();
      }
      next();
    },
    body,
    async (req: Request<{ forge: string; namespace: string; name: string }>, res) => {
      res.status(202).json({ outcome: await hook.receive(req) });
    },
  );
  router.use(answerErrors((error) => told413(error) ?? error));
  return router;
}

class ForgeHook {
  readonly #ports: ForgeHookPorts;
  /** Asked before anything is read. */
  readonly addresses = new Brake(HOOK_LIMITS.perAddress);
  readonly #gitSyncs = new Brake(HOOK_LIMITS.perGitSync);

  constructor(ports: ForgeHookPorts) {
    this.#ports = ports;
  }

  /** @throws RequestInvalid, HookUnauthorized, RateLimited */
  async receive(req: Request<{ forge: string; namespace: string; name: string }>): Promise<'noted' | 'repeated'> {
    if (!(req.body instanceof Buffer)) throw new StreamSpaceError('MediaTypeUnsupported', 'send the hook as application/json');
    const forge = FORGES.find((each) => each === req.params.forge);
    const key = { namespace: req.params.namespace, name: req.params.name };
    // One answer for all of it: who has no secret learns nothing about what there is.
    if (forge === undefined || !(await this.#isSigned(forge, key, req)))
      throw new StreamSpaceError('HookUnauthorized', 'there is no such hook, or the signature is not that of its secret');
    const { inbox, random } = this.#ports;
    const delivery = deliveryOf(forge, req.headers);
    if (delivery !== undefined && inbox.seen(key, delivery)) return 'repeated';
    await this.#gitSyncs.count(`${key.namespace}/${key.name}`);
    return await inbox.take([key], { delivery, delayMs: Math.ceil(random() * HOOK_LIMITS.jitterMs) });
  }

  async #isSigned(forge: Forge, key: GitSyncKey, req: Request): Promise<boolean> {
    if (!dnsLabel.safeParse(key.namespace).success || key.name.length > 253) return false;
    const { client } = this.#ports;
    const sync = await client.find<GitSync>(RESOURCES.gitSyncs, key.namespace, key.name);
    const name = sync?.spec.webhookSecretRef?.name;
    if (name === undefined) return false;
    const secret = await client.find<KubeObjectJson & { data?: Record<string, string> }>(RESOURCES.secrets, key.namespace, name);
    const text = Buffer.from(secret?.data?.['secret'] ?? '', 'base64')
      .toString('utf8')
      .replace(/\r?\n$/, '');
    return isSigned(forge, req.headers, text, req.body);
  }
}

function tooLarge(): StreamSpaceError {
  return new StreamSpaceError('RequestTooLarge', `a hook has at most ${HOOK_LIMITS.bodyBytes} bytes`);
}

/** What express's body reader throws. */
function told413(error: unknown): StreamSpaceError | undefined {
  const type = error instanceof Error && 'type' in error ? error.type : undefined;
  if (type === 'entity.too.large') return tooLarge();
  if (type === 'encoding.unsupported')
    return new StreamSpaceError('MediaTypeUnsupported', 'send the hook without a content encoding');
  if (type === 'request.aborted' || type === 'request.size.invalid')
    return new StreamSpaceError('RequestInvalid', 'the hook was cut off');
  return undefined;
}
