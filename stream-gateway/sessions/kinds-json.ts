// The kinds of ours as the API server sends them.
import type { KubeObjectJson } from '../../runtime/kube/types.ts';
import type { ChangeRequest } from '../../schemas/kinds/changes/change-request.ts';
import type { GitSync } from '../../schemas/kinds/git-sync/git-sync.ts';
import type { Quota } from '../../schemas/kinds/quota.ts';
import type { Session } from '../../schemas/kinds/sessions/session.ts';
import type { SessionShare } from '../../schemas/kinds/sessions/session-share.ts';
import type { IdentityProvider } from '../../schemas/kinds/sign-in/identity-provider.ts';
import type { SignInPolicy } from '../../schemas/kinds/sign-in/sign-in-policy.ts';
import type { Team } from '../../schemas/kinds/team.ts';
import type { Template } from '../../schemas/kinds/template.ts';
import type { LedgerObject } from '../../schemas/quota/ledger.ts';

export type SessionJson = KubeObjectJson & Session;
export type SessionShareJson = KubeObjectJson & SessionShare;
export type TemplateJson = KubeObjectJson & Template;
export type ChangeRequestJson = KubeObjectJson & ChangeRequest;
export type GitSyncJson = KubeObjectJson & GitSync;
export type IdentityProviderJson = KubeObjectJson & IdentityProvider;
export type QuotaJson = KubeObjectJson & Quota;
export type SignInPolicyJson = KubeObjectJson & SignInPolicy;
export type UsageJson = KubeObjectJson & LedgerObject;
export type TeamJson = KubeObjectJson & Team;
