// Every kind that this version has.

import { accessBindingKind } from './access-binding.ts';
import { accessRoleKind } from './access-role.ts';
import { auditPolicyKind } from './audit-policy.ts';
import { changeRequestKind } from './change-request.ts';
import { dlpPolicyKind } from './dlp-policy.ts';
import { gitSyncKind } from './git-sync.ts';
import { identityProviderKind } from './identity-provider.ts';
import type { KindDefinition } from './kind.ts';
import { networkProfileKind } from './network-profile.ts';
import { quotaKind } from './quota.ts';
import { recordingPolicyKind } from './recording-policy.ts';
import { sessionKind } from './session.ts';
import { sessionPolicyKind } from './session-policy.ts';
import { sessionShareKind } from './session-share.ts';
import { signInPolicyKind } from './sign-in-policy.ts';
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
