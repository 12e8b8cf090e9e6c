// Everything that `npm run generate` writes, as a pure function of what it reads.
import { KINDS } from '../kinds/all.ts';
import type { KindDefinition } from '../kinds/kind.ts';
import { auditPage } from './audit-page.ts';
import { conditionsPage } from './conditions-page.ts';
import { crdOf } from './crd.ts';
import { combinedEditorSchema, editorSchema } from './editor-schema.ts';
import { errorsPage } from './errors-page.ts';
import { kindPage } from './kind-page.ts';
import { metricsPage, ourMetrics } from './metrics-page.ts';
import { jsonFile, type Output, pageFile, yamlFile } from './output.ts';
import { propsFile } from './props.ts';
import { rightsPage } from './rights-page.ts';
import { type Scenario, type SourceFile, scenariosPage } from './scenarios-page.ts';

export interface Sources {
  /** Texts of the examples in {@link EXAMPLES}, by path. */
  readonly examples: ReadonlyMap<string, string>;
  readonly scenarios: readonly Scenario[];
  /** Every test file of the repository. */
  readonly tests: readonly SourceFile[];
}

/** The example that each page shows. */
export const EXAMPLES: Readonly<Record<string, string>> = {
  GitSync: 'examples/objects/git-sync.yaml',
  Template: 'examples/plain-yaml/templates/terminal.yaml',
  Team: 'examples/plain-yaml/teams/web.yaml',
  Session: 'examples/objects/session.yaml',
  DlpPolicy: 'examples/objects/dlp-policy.yaml',
  RecordingPolicy: 'examples/objects/recording-policy.yaml',
  SessionPolicy: 'examples/objects/session-policy.yaml',
  SignInPolicy: 'examples/objects/sign-in-policy.yaml',
  NetworkProfile: 'examples/objects/network-profile.yaml',
  SessionShare: 'examples/objects/session-share.yaml',
  ChangeRequest: 'examples/objects/change-request.yaml',
  Quota: 'examples/objects/quota.yaml',
  AccessRole: 'examples/objects/access-role.yaml',
  AccessBinding: 'examples/objects/access-binding.yaml',
  IdentityProvider: 'examples/objects/identity-provider.yaml',
  AuditPolicy: 'examples/objects/audit-policy.yaml',
};

/** Kinds that people write in Git; sessions and shares are made at run time, so the toolkit has no construct for them. */
const IN_GIT: ReadonlySet<string> = new Set([
  'GitSync',
  'Template',
  'Team',
  'DlpPolicy',
  'RecordingPolicy',
  'SessionPolicy',
  'SignInPolicy',
  'Quota',
  'AccessRole',
  'AccessBinding',
  'NetworkProfile',
  'IdentityProvider',
  'AuditPolicy',
]);

/** `GitSync` -> `git-sync`, the name of its files. */
const fileName = (kind: KindDefinition): string =>
  kind.kind.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();

/** The example without the comment that tells editors which schema it has. */
function exampleOf(kind: KindDefinition, examples: ReadonlyMap<string, string>): { path: string; text: string } {
  const path = EXAMPLES[kind.kind];
  const text = path === undefined ? undefined : examples.get(path);
  if (path === undefined || text === undefined) throw new TypeError(`${kind.kind}: no example`);
  return { path, text: text.replaceAll(/^# yaml-language-server:.*\n/gm, '') };
}

export function outputsOf({ examples, scenarios, tests }: Sources): readonly Output[] {
  return [
    ...KINDS.flatMap((kind) => [
      yamlFile(`deploy/crds/${fileName(kind)}.generated.yaml`, crdOf(kind)),
      jsonFile(`schemas/json/${fileName(kind)}.schema.json`, editorSchema(kind)),
      pageFile(`docs/kinds/${fileName(kind)}.md`, kindPage(kind, exampleOf(kind, examples))),
    ]),
    jsonFile('schemas/json/streamspace.schema.json', combinedEditorSchema(KINDS)),
    propsFile(
      'cdk8s/fields.generated.ts',
      KINDS.filter(({ kind }) => IN_GIT.has(kind)),
    ),
    pageFile('docs/reference/errors.md', errorsPage()),
    pageFile('docs/reference/audit-events.md', auditPage()),
    pageFile('docs/reference/rights.md', rightsPage()),
    pageFile('docs/reference/conditions.md', conditionsPage(KINDS)),
    pageFile('docs/reference/metrics.md', metricsPage(ourMetrics())),
    pageFile('docs/scenarios.md', scenariosPage(scenarios, tests)),
  ];
}
