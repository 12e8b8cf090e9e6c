// Every kind that this version has.

import { accessBindingKind } from './access/access-binding.ts';
import { accessRoleKind } from './access/access-role.ts';
import { changeRequestKind } from './changes/change-request.ts';
import { gitSyncKind } from './git-sync/git-sync.ts';
import type { KindDefinition } from './kind.ts';
import { auditPolicyKind } from './policies/audit-policy.ts';
import { dlpPolicyKind } from './policies/dlp-policy.ts';
import { networkProfileKind } from './policies/network-profile.ts';
import { recordingPolicyKind } from './policies/recording-policy.ts';
import { sessionPolicyKind } from './policies/session-policy.ts';
import { quotaKind } from './quota.ts';
import { sessionKind } from './sessions/session.ts';
import { sessionShareKind } from './sessions/session-share.ts';
import { identityProviderKind } from './sign-in/identity-provider.ts';
import { signInPolicyKind } from './sign-in/sign-in-policy.ts';
import { teamKind } from './team.ts';
import { templateKind } from './template.ts';

export const KINDS: readonly KindDefinition[] = [
  gitSyncKind,
  templateKind,
  teamKind,
  sessionKind,
  dlpPolicyKind,
  recordingPolicyKind,
  sessionPolicyKind,
  signInPolicyKind,
  networkProfileKind,
  sessionShareKind,
  changeRequestKind,
  quotaKind,
  accessRoleKind,
  accessBindingKind,
  identityProviderKind,
  auditPolicyKind,
];
