// What lies in a folder.
import { ActionIcon } from '@mantine/core';
import { IconDownload, IconFile, IconFolder, IconLink, IconMoodEmpty, IconQuestionMark } from '@tabler/icons-react';
import type { FileEntry, FileList } from '../../../../../schemas/api/files.ts';
import { bytesText } from '../../model/desktop/file-limits.ts';
import { text } from '../../text/text.ts';
import { Ago } from '../ui/ago.tsx';
import { Message } from '../ui/states.tsx';

type Downloadable = FileEntry & { readonly kind: 'File' | 'Folder' };

const ICONS = { File: IconFile, Folder: IconFolder, Link: IconLink, Other: IconQuestionMark } as const;

export function FolderTable(props: {
  readonly folder: FileList;
  /** Null while downloads are on. */
  readonly downloadOff: string | null;
  readonly onOpen: (path: string) => void;
  readonly onDownload: (entry: Downloadable, path: string) => void;
}) {
  const { folder, downloadOff, onOpen, onDownload } = props;
  const { files } = text;
  if (folder.items.length === 0)
    return (
      <Message icon={IconMoodEmpty} title={files.empty}>
        <p>{files.emptyHint}</p>
      </Message>
    );
  return (
    <>
      <ul className="ss-files-list" aria-label={folder.path === '' ? files.home : folder.path}>
        {folder.items.map((entry) => {
          const path = folder.path === '' ? entry.name : `${folder.path}/${entry.name}`;
          const Icon = ICONS[entry.kind];
          return (
            <li key={entry.name}>
              <Icon size={16} aria-label={files.kinds[entry.kind]} className="ss-inline-icon" />
              {entry.kind === 'Folder' ? (
                <button
                  type="button"
                  className="ss-link-button ss-files-name"
                  aria-label={files.open(entry.name)}
                  onClick={() => onOpen(path)}
                >
                  {entry.name}
                </button>
              ) : (
                <span className="ss-files-name">{entry.name}</span>
              )}
              <span className="ss-note ss-files-size">{entry.kind === 'File' ? bytesText(entry.bytes) : null}</span>
              <span className="ss-note ss-files-time">{entry.modifiedAt === null ? null : <Ago at={entry.modifiedAt} />}</span>
              {isDownloadable(entry) ? (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  disabled={downloadOff !== null}
                  aria-label={files.download(entry.name)}
                  title={downloadOff ?? files.download(entry.name)}
                  onClick={() => onDownload(entry, path)}
                >
                  <IconDownload size={16} />
                </ActionIcon>
              ) : (
                <span />
              )}
            </li>
          );
        })}
      </ul>
      {folder.truncated ? <p className="ss-note">{files.truncated}</p> : null}
    </>
  );
}

function isDownloadable(entry: FileEntry): entry is Downloadable {
  return entry.kind === 'File' || entry.kind === 'Folder';
}
