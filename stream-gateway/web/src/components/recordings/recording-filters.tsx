// What narrows the list of recordings. Every filter stands in the address; the server does the narrowing.
import '@mantine/core/styles/Combobox.css';
import { Button, Select, TextInput } from '@mantine/core';
import { RECORDING_STATES } from '../../model/recordings/recordings.ts';
import { narrowsRecordings, type RecordingsSearch } from '../../routes/search.ts';
import { text } from '../../text/text.ts';
import { useSearchText } from '../ui/use-search-text.ts';

const words = text.recordings.filters;

export type ChangeFilter = (next: { readonly [K in keyof RecordingsSearch]?: RecordingsSearch[K] | undefined }) => void;

export function RecordingFilters({ filter, change }: { readonly filter: RecordingsSearch; readonly change: ChangeFilter }) {
  const narrowed = narrowsRecordings(filter);
  return (
    <search className="ss-filters ss-recording-filters" aria-label={words.title}>
      <Words label={words.session} hint={words.sessionHint} value={filter.session} onChange={(session) => change({ session })} />
      <Words label={words.person} hint={words.personHint} value={filter.person} onChange={(person) => change({ person })} />
      <Words label={words.template} value={filter.template} onChange={(template) => change({ template })} />
      <Words label={words.team} value={filter.team} onChange={(team) => change({ team })} />
      <Select
        label={words.state}
        placeholder={words.every}
        clearable
        value={filter.state ?? null}
        data={RECORDING_STATES.map((value) => ({ value, label: text.recordings.states[value] }))}
        onChange={(value) => change({ state: RECORDING_STATES.find((state) => state === value) })}
      />
      <Day label={words.from} value={filter.from} onChange={(from) => change({ from })} />
      <Day label={words.to} value={filter.to} onChange={(to) => change({ to })} />
      {narrowed ? (
        <Button variant="subtle" onClick={() => change(NOTHING)}>
          {text.recordings.clear}
        </Button>
      ) : null}
    </search>
  );
}

const NOTHING = {
  ...{ session: undefined, person: undefined, team: undefined, template: undefined },
  ...{ state: undefined, from: undefined, to: undefined },
};

function Words(props: {
  readonly label: string;
  readonly hint?: string;
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}) {
  const [typed, setTyped] = useSearchText(props.value ?? '', (value) => props.onChange(value === '' ? undefined : value));
  return (
    <TextInput
      label={props.label}
      {...(props.hint === undefined ? {} : { placeholder: props.hint })}
      value={typed}
      autoComplete="off"
      spellCheck={false}
      onChange={(event) => setTyped(event.currentTarget.value)}
    />
  );
}

function Day(props: {
  readonly label: string;
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}) {
  return (
    <TextInput
      type="date"
      label={props.label}
      value={props.value ?? ''}
      onChange={({ currentTarget: { value } }) => props.onChange(value === '' ? undefined : value)}
    />
  );
}
