// Makes an API key: for what, for how long, what it may do and from where. It is shown once.
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { type ApiKeyScope, EVERYTHING } from '../../../../../schemas/api/api-keys.ts';
import { useCreateApiKey } from '../../api/account/key-queries.ts';
import type { MachineName } from '../../api/account/keys-api.ts';
import { toApiError } from '../../api/problem.ts';
import { text } from '../../text/text.ts';
import { CreatedKey } from './created-key.tsx';
import { AREAS, type AreaChoice, type Chosen, READ_ONLY, scopesOf } from './key-scopes.ts';

const DAYS = [7, 30, 90, 365] as const;
const MAY = ['all', 'read', 'chosen'] as const;
type May = (typeof MAY)[number];

interface NewKeyProps {
  /** Left out: oneself. */
  readonly owner?: MachineName;
  readonly onDone: () => void;
}

export function NewKey({ owner, onDone }: NewKeyProps) {
  const create = useCreateApiKey(owner);
  const [name, setName] = useState('');
  const [days, setDays] = useState<number>(90);
  const [may, setMay] = useState<May>('all');
  const [chosen, setChosen] = useState<Chosen>({});
  const [addresses, setAddresses] = useState('');
  const [asked, setAsked] = useState(false);
  const { account } = text;
  if (create.data !== undefined) return <CreatedKey value={create.data.key} onDone={onDone} />;
  const scopes: ApiKeyScope[] = may === 'all' ? [EVERYTHING] : may === 'read' ? [...READ_ONLY] : scopesOf(chosen);
  const hasName = name.trim() !== '';
  return (
    <form
      className="ss-form"
      onSubmit={(event) => {
        event.preventDefault();
        setAsked(true);
        if (!hasName || scopes.length === 0) return;
        const from = addresses.split(/[\s,]+/).filter((address) => address !== '');
        create.mutate({ name: name.trim(), expiresInDays: days, scopes, addresses: from });
      }}
    >
      <TextInput
        data-autofocus
        label={account.keyName}
        placeholder={account.keyNamePlaceholder}
        maxLength={80}
        value={name}
        error={asked && !hasName ? account.keyNameMissing : undefined}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <NativeSelect
        label={account.keyDays}
        value={String(days)}
        data={DAYS.map((each) => ({ value: String(each), label: account.days(each) }))}
        onChange={(event) => setDays(Number(event.currentTarget.value))}
      />
      <NativeSelect
        label={account.keyMay}
        value={may}
        data={[
          { value: 'all', label: owner === undefined ? account.keyMayAll : account.keyMayAllOf },
          { value: 'read', label: account.keyMayRead },
          { value: 'chosen', label: account.keyMayChosen },
        ]}
        onChange={(event) => setMay(MAY.find((each) => each === event.currentTarget.value) ?? 'all')}
      />
      {may === 'chosen' ? <Areas chosen={chosen} onChange={setChosen} isMissing={asked && scopes.length === 0} /> : null}
      <TextInput
        label={account.keyAddresses}
        description={account.keyAddressesHelp}
        value={addresses}
        onChange={(event) => setAddresses(event.currentTarget.value)}
      />
      {create.error === null ? null : (
        <p role="alert" className="ss-source-why">
          {toApiError(create.error).message} {toApiError(create.error).remedy}
        </p>
      )}
      <div className="ss-form-actions">
        <Button variant="default" onClick={onDone}>
          {text.cancel}
        </Button>
        <Button type="submit" loading={create.isPending}>
          {account.createKey}
        </Button>
      </div>
    </form>
  );
}

interface AreasProps {
  readonly chosen: Chosen;
  readonly onChange: (chosen: Chosen) => void;
  readonly isMissing: boolean;
}

function Areas({ chosen, onChange, isMissing }: AreasProps) {
  const { account } = text;
  const choices: { readonly value: AreaChoice; readonly label: string }[] = [
    { value: 'none', label: account.keyNot },
    { value: 'read', label: account.keyRead },
    { value: 'write', label: account.keyWrite },
  ];
  return (
    <fieldset className="ss-areas">
      <legend>{account.keyScopes}</legend>
      {AREAS.map((area) => (
        <NativeSelect
          key={area}
          className="ss-area"
          size="xs"
          label={account.areas[area]}
          value={chosen[area] ?? 'none'}
          data={choices}
          onChange={(event) => {
            const choice = choices.find(({ value }) => value === event.currentTarget.value)?.value ?? 'none';
            onChange({ ...chosen, [area]: choice });
          }}
        />
      ))}
      {isMissing ? (
        <p role="alert" className="ss-source-why">
          {account.keyScopesMissing}
        </p>
      ) : null}
    </fieldset>
  );
}
