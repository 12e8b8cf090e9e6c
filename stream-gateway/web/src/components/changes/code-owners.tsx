// Whose files a change changes, and who of them has approved.
import type { ChangeView } from '../../api/git/changes-api.ts';
import { text } from '../../text/text.ts';
import { Section } from '../ui/page.tsx';
import { NotListed } from './change-parts.tsx';

const words = text.changes.detail;

export function CodeOwners({ change }: { readonly change: ChangeView }) {
  const { codeOwners } = change.status ?? {};
  if (codeOwners === undefined) return null;
  const { file, required, problem, skippedLines, files, fileCount } = codeOwners;
  return (
    <Section title={words.owners} note={words.ownersFrom(file)}>
      {problem === undefined ? null : (
        <p className="ss-warning" role="status">
          {problem}
        </p>
      )}
      {files.length === 0 ? null : (
        <>
          <p className="ss-note">{required ? words.ownersRequired : words.ownersShown}</p>
          <ul className="ss-plain-list">
            {files.map(({ path, owners, approvedBy }) => (
              <li key={path} className="ss-break">
                <code>{path}</code> {words.ownedBy(owners.join(', '))} ·{' '}
                {approvedBy.length === 0 ? words.ownerMissing : <strong>{words.ownerApproved(approvedBy.join(', '))}</strong>}
              </li>
            ))}
          </ul>
          <NotListed count={fileCount} listed={files.length} />
        </>
      )}
      {skippedLines === undefined ? null : <p className="ss-note">{words.ownersSkipped(file, skippedLines.join(', '))}</p>}
    </Section>
  );
}
