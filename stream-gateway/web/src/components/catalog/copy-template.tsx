// A dialog in which a template becomes another one of a team: its spec is edited as YAML, and asked for as a new file in Git.
import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { TemplateView } from '../../../../../schemas/api/api.ts';
import { changeEdit } from '../../../../../schemas/kinds/changes/change-edit.ts';
import { withoutDefaults } from '../../../../../schemas/kinds/defaults.ts';
import { dnsLabel } from '../../../../../schemas/kinds/kind.ts';
import { templateSpec } from '../../../../../schemas/kinds/template.ts';
import { API_GROUP_VERSION } from '../../../../../schemas/names.ts';
import { useTeam } from '../../api/access/team-queries.ts';
import type { ChangeCreate } from '../../api/git/changes-api.ts';
import { useTemplates } from '../../api/queries.ts';
import type { MyTeam } from '../../model/access/teams.ts';
import { readSpec, specText } from '../../model/git/spec-text.ts';
import { text } from '../../text/text.ts';
import { AskChange } from '../changes/ask-change.tsx';
import { SpecField } from '../changes/spec-field.tsx';

const words = text.catalog.changes;

export function CopyTemplate(props: {
  readonly template: TemplateView;
  readonly teams: readonly MyTeam[];
  readonly onClose: () => void;
}) {
  const { template, teams } = props;
  const [chosen, setChosen] = useState(teams[0]?.name ?? '');
  const team = teams.find(({ name }) => name === chosen);
  const [name, setName] = useState(template.metadata.name);
  const [typed, setTyped] = useState(() => startOf(template));
  const { data: detail, isError } = useTeam(chosen, chosen !== '');
  const templates = useTemplates();
  const taken =
    templates.state === 'ready' &&
    templates.list.items.some(({ metadata }) => metadata.namespace === team?.namespace && metadata.name === name);
  const nameProblem = taken ? words.taken : dnsLabel.safeParse(name).error?.issues[0]?.message;
  const read = readSpec('Template', typed);
  const made = 'spec' in read && nameProblem === undefined ? creation(team?.namespace ?? '', name, read.spec) : undefined;
  const problems = 'problems' in read ? read.problems : made === null ? [words.tooLong] : [];
  const origin = detail?.origin;
  return (
    <AskChange
      wide
      where={{ namespace: team?.namespace ?? '', gitSync: origin?.gitSync ?? '' }}
      title={words.copyOf(template.spec.displayName)}
      edits={made == null || origin == null ? null : [made]}
      onClose={props.onClose}
    >
      <NativeSelect
        label={words.team}
        value={chosen}
        data={teams.map((each) => ({ value: each.name, label: each.displayName }))}
        onChange={(event) => setChosen(event.currentTarget.value)}
      />
      {isError || origin === null ? (
        <p className="ss-warning" role="alert">
          {isError ? words.teamFailed : words.teamNotInGit}
        </p>
      ) : null}
      <TextInput
        data-autofocus
        label={words.name}
        description={words.nameHint}
        value={name}
        maxLength={63}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setName(event.currentTarget.value)}
        {...(nameProblem === undefined ? {} : { error: nameProblem })}
      />
      <SpecField description={words.specHint} value={typed} problems={problems} onChange={setTyped} />
    </AskChange>
  );
}

function startOf({ spec }: TemplateView): string {
  const less = withoutDefaults(templateSpec, spec) as Readonly<Record<string, unknown>>;
  return specText({ ...less, displayName: words.copyName(spec.displayName), featured: undefined });
}

/** Null: too long for a change request. */
function creation(
  namespace: string,
  name: string,
  spec: Readonly<Record<string, unknown>>,
): ChangeCreate['edits'][number] | null {
  const object = { apiVersion: API_GROUP_VERSION, kind: 'Template', namespace, name };
  const { apiVersion, kind } = object;
  const manifest = JSON.stringify({ apiVersion, kind, metadata: { name, namespace }, spec });
  const edit = changeEdit.safeParse({ action: 'Create', object, manifest });
  return edit.success ? edit.data : null;
}
