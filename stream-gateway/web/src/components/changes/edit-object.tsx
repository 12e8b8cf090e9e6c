// A dialog in which the spec of an object is edited as YAML, says field by field what differs from Git, and asks for exactly that.
import { useId, useState } from 'react';
import { changeEdit, MAX_FIELD_CHANGES } from '../../../../../schemas/kinds/changes/change-edit.ts';
import { fieldChanges } from '../../../../../schemas/kinds/changes/field-changes.ts';
import { useEditable } from '../../api/git/change-queries.ts';
import type { ChangeCreate, Editable, EditableName } from '../../api/git/changes-api.ts';
import { editableText } from '../../model/git/changes.ts';
import { readSpec, specText } from '../../model/git/spec-text.ts';
import { text } from '../../text/text.ts';
import { QueryState } from '../ui/query-state.tsx';
import { AskChange, type AskWhere } from './ask-change.tsx';
import { SpecField } from './spec-field.tsx';

const words = text.changes.ask;
type Edit = ChangeCreate['edits'][number];
type FieldChange = NonNullable<Edit['changes']>[number];

export function EditObject(props: { readonly where: AskWhere; readonly object: EditableName; readonly onClose: () => void }) {
  const { where, object, onClose } = props;
  const query = useEditable(object);
  const [typed, setTyped] = useState<string | null>(null);
  const asked = query.data === undefined ? NOTHING : askedFor(query.data, typed ?? specText(query.data.spec));
  return (
    <AskChange wide where={where} title={words.editObject(editableText(object))} edits={asked.edits} onClose={onClose}>
      <QueryState query={query} failed={words.objectFailed} forbidden={{ why: words.objectFailed, who: '' }} rows={6} height={24}>
        {(editable) => (
          <EditedSpec editable={editable} typed={typed ?? specText(editable.spec)} asked={asked} onType={setTyped} />
        )}
      </QueryState>
    </AskChange>
  );
}

interface Asked {
  readonly edits: ChangeCreate['edits'] | null;
  readonly changes: readonly FieldChange[];
  readonly problems: readonly string[];
}

const NOTHING: Asked = { edits: null, changes: [], problems: [] };

function askedFor(editable: Editable, typed: string): Asked {
  const read = readSpec(editable.kind, typed);
  if ('problems' in read) return { ...NOTHING, problems: read.problems };
  const changes = fieldChanges(editable.spec, read.spec, [{ kind: 'field', name: 'spec' }]);
  if (changes.length === 0) return NOTHING;
  if (changes.length > MAX_FIELD_CHANGES) return { ...NOTHING, changes, problems: [words.tooMany(MAX_FIELD_CHANGES)] };
  const { apiVersion, kind, namespace, name } = editable;
  const edit: Edit = { action: 'Patch', object: { apiVersion, kind, namespace, name }, changes: [...changes] };
  if (!changeEdit.safeParse(edit).success) return { ...NOTHING, changes, problems: [words.tooLong] };
  return { edits: [edit], changes, problems: [] };
}

function EditedSpec(props: {
  readonly editable: Editable;
  readonly typed: string;
  readonly asked: Asked;
  readonly onType: (text: string) => void;
}) {
  const { editable, typed, asked, onType } = props;
  const { file, line } = editable.origin;
  const differs = useId();
  return (
    <>
      <SpecField
        first
        description={file === null ? words.specHintPlain : words.specHint(text.teams.origin.file(file, line))}
        value={typed}
        problems={asked.problems}
        onChange={onType}
      />
      <section aria-labelledby={differs} aria-live="polite">
        <h3 className="ss-differs-title" id={differs}>
          {words.differs}
        </h3>
        {asked.changes.length === 0 ? (
          <p className="ss-note">{words.nothing}</p>
        ) : (
          <ul className="ss-differs">
            {asked.changes.map((change) => (
              <li key={`${change.op} ${change.path} ${change.value ?? ''}`}>
                <code>{differenceText(change)}</code>
              </li>
            ))}
          </ul>
        )}
      </section>
    </>
  );
}

function differenceText({ op, path, value = '', was = 'null' }: FieldChange): string {
  if (op === 'Remove') return words.removed(path, was);
  return was === 'null' ? words.added(path, value) : words.changed(path, was, value);
}
