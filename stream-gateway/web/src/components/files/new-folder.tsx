// A button that becomes the name of a new folder.
import { Button, TextInput } from '@mantine/core';
import { IconFolderPlus } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import type { ObjectName } from '../../api/client.ts';
import { useGateway } from '../../api/context.tsx';
import { text } from '../../text/text.ts';
import { notifyFailed } from '../shell/notify.ts';

export function NewFolder(props: {
  readonly session: ObjectName;
  readonly folder: string;
  readonly disabled: boolean;
  readonly onMade: () => void;
}) {
  const { session, folder, disabled, onMade } = props;
  const { files } = text;
  const { api } = useGateway();
  const [name, setName] = useState<string | null>(null);
  if (name === null)
    return (
      <Button
        size="xs"
        variant="default"
        leftSection={<IconFolderPlus size={14} />}
        disabled={disabled}
        onClick={() => setName('')}
      >
        {files.newFolder}
      </Button>
    );
  const make = (event: FormEvent): void => {
    event.preventDefault();
    api.createFolder(session, folder === '' ? name : `${folder}/${name}`).then(
      () => {
        setName(null);
        onMade();
      },
      (error: unknown) => notifyFailed(files.folderFailed, error),
    );
  };
  return (
    <form className="ss-files-new" onSubmit={make}>
      <TextInput
        size="xs"
        data-autofocus
        aria-label={files.folderName}
        placeholder={files.folderName}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          setName(null);
        }}
      />
      <Button size="xs" type="submit" disabled={name.trim() === ''}>
        {files.create}
      </Button>
    </form>
  );
}
