// The toolkit: what configuration repositories import as `streamspace/cdk8s`. Runs without any permission.
export { AccessBinding, type AccessBindingProps } from './access-binding.ts';
export { AccessRole, type AccessRoleProps } from './access-role.ts';
export { AuditPolicy, type AuditPolicyProps } from './audit-policy.ts';
export { DlpPolicy, type DlpPolicyProps } from './dlp-policy.ts';
export type {
  DlpPolicyClipboard,
  DlpPolicyClipboardRule,
  DlpPolicyFields,
  DlpPolicyTargets,
  GitSyncCredentialsRef,
  GitSyncFields,
  GitSyncPrune,
  GitSyncRef,
  IdentityProviderClaimMappings,
  IdentityProviderFields,
  IdentityProviderGithub,
  IdentityProviderLdap,
  IdentityProviderOidc,
  IdentityProviderSaml,
  NetworkProfileDns,
  NetworkProfileEgress,
  NetworkProfileFields,
  QuotaFields,
  QuotaLimits,
  QuotaOverride,
  RecordingPolicyEncryptionKeyRef,
  RecordingPolicyEvents,
  RecordingPolicyFields,
  RecordingPolicyTargets,
  RecordingPolicyWindow,
  SessionPolicyDisplays,
  SessionPolicyFields,
  SessionPolicySharing,
  SessionPolicyTargets,
  SignInPolicyFields,
  TeamFields,
  TeamMember,
  TemplateDesktop,
  TemplateEnv,
  TemplateFields,
  TemplateHome,
  TemplateLink,
  TemplateResources,
} from './fields.generated.ts';
export { GitSync, type GitSyncProps } from './git-sync.ts';
export type { GlobModules, GlobOptions } from './glob.ts';
export { IdentityProvider, type IdentityProviderProps } from './identity-provider.ts';
export { KindObject } from './kind-object.ts';
export { NetworkProfile, type NetworkProfileProps } from './network-profile.ts';
export { Quota, type QuotaProps } from './quota.ts';
export { RecordingPolicy, type RecordingPolicyProps } from './recording-policy.ts';
export { SessionPolicy, type SessionPolicyProps } from './session-policy.ts';
export { SignInPolicy, type SignInPolicyProps } from './sign-in-policy.ts';
export { Team, type TeamProps } from './team.ts';
export { Template, type TemplateProps } from './template.ts';
export { values } from './values.ts';
