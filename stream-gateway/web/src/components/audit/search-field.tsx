// The search of the audit log: a field that completes keys and known values, what is wrong with it, and its terms as chips.
import '@mantine/core/styles/Combobox.css';
import { ActionIcon, Autocomplete, CloseButton, Popover } from '@mantine/core';
import { IconHelp, IconSearch } from '@tabler/icons-react';
import { parseAuditSearch } from '../../../../../schemas/audit-search/parse.ts';
import { printAuditTerm } from '../../../../../schemas/audit-search/print.ts';
import { AUDIT_KEYS } from '../../../../../schemas/audit-search/terms.ts';
import { completionsOf, type KnownValues, termsOf, withoutTerm } from '../../model/access/audit-search.ts';
import { text } from '../../text/text.ts';

const words = text.audit;

export function SearchField(props: {
  readonly typed: string;
  readonly onType: (typed: string) => void;
  readonly known: KnownValues;
}) {
  const { typed, onType, known } = props;
  const parsed = parseAuditSearch(typed);
  const shown = new Map(completionsOf(typed, known).map((completion) => [completion.text, completion.shown]));
  // While a key is being written, what is there is wrong only for the moment.
  const unfinished = /(^|\s)-?([a-z]*:)?$/i.test(typed);
  const problem = parsed.ok || (unfinished && parsed.problem.code === 'ValueMissing') ? null : parsed.problem;
  return (
    <div className="ss-audit-field">
      <Autocomplete
        className="ss-audit-input"
        aria-label={words.search}
        placeholder={words.placeholder}
        leftSection={<IconSearch size={16} aria-hidden="true" />}
        rightSection={typed === '' ? null : <CloseButton size="sm" aria-label={text.clearSearch} onClick={() => onType('')} />}
        value={typed}
        onChange={onType}
        data={[...shown.keys()]}
        filter={({ options }) => options}
        renderOption={({ option }) => <code>{shown.get(option.value) ?? option.value}</code>}
        error={problem === null ? undefined : words.wrong(problem.at + 1, problem.message)}
        autoComplete="off"
        spellCheck={false}
        maxDropdownHeight={280}
      />
      <Help />
    </div>
  );
}

function Help() {
  return (
    <Popover position="bottom-end" width="min(560px, 92vw)" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <ActionIcon variant="default" size={36} aria-label={words.help.open}>
          <IconHelp size={18} aria-hidden="true" />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label={words.help.open}>
        <dl className="ss-audit-help">
          {AUDIT_KEYS.map((key) => (
            <div key={key}>
              <dt>
                <code>{key}:</code>
              </dt>
              <dd>{words.help.keys[key]}</dd>
            </div>
          ))}
        </dl>
        {words.help.rules.map((rule) => (
          <p key={rule} className="ss-note">
            {rule}
          </p>
        ))}
      </Popover.Dropdown>
    </Popover>
  );
}

export function SearchChips({ search, onChange }: { readonly search: string; readonly onChange: (search: string) => void }) {
  const terms = termsOf(search);
  if (terms.length === 0) return null;
  return (
    <ul className="ss-audit-chips" aria-label={words.chips.title}>
      {terms.map((term, index) => {
        const printed = printAuditTerm(term);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a term may stand twice, and has no state
          <li key={`${index} ${printed}`} data-negated={term.negated}>
            <code>{printed}</code>
            <CloseButton
              size="xs"
              aria-label={words.chips.remove(printed)}
              onClick={() => onChange(withoutTerm(search, index))}
            />
          </li>
        );
      })}
    </ul>
  );
}
