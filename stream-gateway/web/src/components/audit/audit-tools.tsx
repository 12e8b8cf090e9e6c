// Beside the search: since when, following, kept searches, export.
import '@mantine/core/styles/Combobox.css';
import { Button, CloseButton, Menu, Popover, Select, Switch, TextInput } from '@mantine/core';
import { IconBookmark, IconDownload } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { auditExportPath } from '../../api/access/audit-api.ts';
import { useAuditViews, useChangeAuditView } from '../../api/access/audit-queries.ts';
import { SINCE, termsOf, withSince } from '../../model/access/audit-search.ts';
import { text } from '../../text/text.ts';
import { notifyDone, notifyFailed } from '../shell/notify.ts';

const words = text.audit;

export function SinceSelect({ search, onChange }: { readonly search: string; readonly onChange: (search: string) => void }) {
  const written = termsOf(search).find(({ key }) => key === 'since')?.value ?? '';
  const known = ['', ...SINCE].includes(written);
  const data = [
    { value: '', label: words.since.any },
    ...SINCE.map((value) => ({ value, label: words.since[value] })),
    ...(known ? [] : [{ value: written, label: `${words.since.other}: ${written}` }]),
  ];
  return (
    <Select
      aria-label={words.since.label}
      allowDeselect={false}
      value={written}
      data={data}
      onChange={(value) => onChange(withSince(search, value === '' ? null : value))}
    />
  );
}

export function FollowSwitch({ follow, onChange }: { readonly follow: boolean; readonly onChange: (follow: boolean) => void }) {
  return <Switch label={words.follow} checked={follow} onChange={(event) => onChange(event.currentTarget.checked)} />;
}

export function ExportMenu({ search }: { readonly search: string }) {
  return (
    <Menu position="bottom-end" width={260}>
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} aria-hidden="true" />}>
          {words.export.open}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {(['csv', 'jsonl'] as const).map((format) => (
          <Menu.Item key={format} component="a" href={auditExportPath(search, format)} download={`audit.${format}`}>
            {words.export[format]}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <p className="ss-note ss-menu-note">{words.export.limit}</p>
      </Menu.Dropdown>
    </Menu>
  );
}

export function ViewsMenu({ search }: { readonly search: string }) {
  const [opened, setOpened] = useState(false);
  return (
    <Popover position="bottom-end" width={320} shadow="md" trapFocus returnFocus opened={opened} onChange={setOpened}>
      <Popover.Target>
        <Button variant="default" leftSection={<IconBookmark size={16} aria-hidden="true" />} onClick={() => setOpened(!opened)}>
          {words.views.open}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={words.views.open}>
        {opened ? <Views search={search} close={() => setOpened(false)} /> : null}
      </Popover.Dropdown>
    </Popover>
  );
}

function Views({ search, close }: { readonly search: string; readonly close: () => void }) {
  const { data, error } = useAuditViews();
  const change = useChangeAuditView();
  const [name, setName] = useState('');
  const save = (event: FormEvent) => {
    event.preventDefault();
    const kept = name.trim();
    if (kept === '') return;
    change.mutate(
      { name: kept, query: search },
      {
        onSuccess: () => {
          setName('');
          notifyDone(words.views.saved(kept));
        },
        onError: (failure) => notifyFailed(words.views.failed, failure),
      },
    );
  };
  const forget = (kept: string) =>
    change.mutate(
      { name: kept, query: null },
      {
        onSuccess: () => notifyDone(words.views.deleted(kept)),
        onError: (failure) => notifyFailed(words.views.deleteFailed, failure),
      },
    );
  return (
    <div className="ss-audit-views">
      {error === null ? null : <p role="alert">{words.views.listFailed}</p>}
      {data?.length === 0 ? <p className="ss-note">{words.views.none}</p> : null}
      <ul className="ss-plain-list">
        {data?.map((view) => (
          <li key={view.name}>
            <Link to="/audit" search={view.query === '' ? {} : { q: view.query }} onClick={close} title={view.query}>
              {view.name}
            </Link>
            <CloseButton size="sm" aria-label={words.views.remove(view.name)} onClick={() => forget(view.name)} />
          </li>
        ))}
      </ul>
      <form onSubmit={save}>
        <TextInput
          label={words.views.name}
          value={name}
          maxLength={80}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" loading={change.isPending} disabled={name.trim() === ''}>
          {words.views.save}
        </Button>
      </form>
    </div>
  );
}
