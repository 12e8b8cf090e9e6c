// The spec of an object as a person edits it: YAML out, YAML in, judged by the schema of its kind. Pure; brings yaml and zod, so only
// the dialog that needs it loads it.
import { isMap, LineCounter, parseDocument, stringify } from 'yaml';
import type * as z from 'zod';
import type { EditableKind } from '../../../../../schemas/api/changes.ts';
import { accessBindingSpec } from '../../../../../schemas/kinds/access/access-binding.ts';
import { accessRoleSpec } from '../../../../../schemas/kinds/access/access-role.ts';
import { dlpPolicySpec } from '../../../../../schemas/kinds/policies/dlp-policy.ts';
import { networkProfileSpec } from '../../../../../schemas/kinds/policies/network-profile.ts';
import { recordingPolicySpec } from '../../../../../schemas/kinds/policies/recording-policy.ts';
import { sessionPolicySpec } from '../../../../../schemas/kinds/policies/session-policy.ts';
import { quotaSpec } from '../../../../../schemas/kinds/quota.ts';
import { signInPolicySpec } from '../../../../../schemas/kinds/sign-in/sign-in-policy.ts';
import { teamSpec } from '../../../../../schemas/kinds/team.ts';
import { templateSpec } from '../../../../../schemas/kinds/template.ts';
import { text } from '../../text/text.ts';

const words = text.changes.ask;
const SCHEMAS: Readonly<Record<EditableKind, z.ZodObject>> = {
  Template: templateSpec,
  DlpPolicy: dlpPolicySpec,
  RecordingPolicy: recordingPolicySpec,
  SessionPolicy: sessionPolicySpec,
  SignInPolicy: signInPolicySpec,
  NetworkProfile: networkProfileSpec,
  Quota: quotaSpec,
  AccessBinding: accessBindingSpec,
  AccessRole: accessRoleSpec,
  Team: teamSpec,
};

type Json = Readonly<Record<string, unknown>>;

export type ReadSpec = { readonly spec: Json } | { readonly problems: readonly string[] };

export function specText(spec: Json): string {
  return stringify(spec, { lineWidth: 0, version: '1.1' });
}

/** The spec that a text says, or all that is wrong with it, in words. */
export function readSpec(kind: EditableKind, typed: string): ReadSpec {
  const lineCounter = new LineCounter();
  const document = parseDocument(typed, { lineCounter, prettyErrors: false, version: '1.1', logLevel: 'silent' });
  const { errors } = document;
  if (errors.length > 0)
    return { problems: errors.map(({ pos, message }) => words.notYaml(lineCounter.linePos(pos[0]).line, message)) };
  if (!isMap(document.contents)) return { problems: [words.notMapping] };
  const spec = document.toJS({ maxAliasCount: 100 }) as Json;
  const schema = SCHEMAS[kind];
  const judged = schema.safeParse(spec);
  const wrong = (judged.error?.issues ?? []).map(({ path, message }) => words.wrong(fieldText(path), issueText(message)));
  const unknown = judged.success ? unknownFields(spec, judged.data) : unknownAtTop(spec, schema);
  const problems = [...unknown.map((path) => words.wrong(fieldText(path), words.unknown)), ...wrong];
  return problems.length > 0 ? { problems } : { spec };
}

/** Of a spec that its schema did not take. */
function unknownAtTop(spec: Json, { shape }: z.ZodObject): readonly (readonly PropertyKey[])[] {
  return Object.keys(spec)
    .filter((name) => !Object.hasOwn(shape, name))
    .map((name) => [name]);
}

/** The words of zod for what is not there are about JavaScript. */
function issueText(message: string): string {
  return message.endsWith('received undefined') ? words.missing : message;
}

/** What the schema did not take over, it does not know. */
function unknownFields(given: unknown, taken: unknown, at: readonly PropertyKey[] = []): readonly (readonly PropertyKey[])[] {
  if (Array.isArray(given) && Array.isArray(taken))
    return given.flatMap((item: unknown, index) => unknownFields(item, taken[index], [...at, index]));
  if (!isRecord(given) || !isRecord(taken)) return [];
  return Object.entries(given).flatMap(([name, value]) =>
    Object.hasOwn(taken, name) ? unknownFields(value, taken[name], [...at, name]) : [[...at, name]],
  );
}

function fieldText(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`))
    .join('');
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
