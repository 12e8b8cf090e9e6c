// Whose files a change request changes, as lines of text.
import type { ChangeView } from '../../../schemas/api/changes.ts';

export function ownersText(owners: NonNullable<ChangeView['status']>['codeOwners']): readonly string[] {
  if (owners === undefined) return [];
  const { file, required, problem, skippedLines, files, fileCount = files.length } = owners;
  return [
    ...(problem === undefined ? [] : [problem]),
    ...files.map(({ path, owners: names, approvedBy }) => {
      const missing = required ? 'an owner has to approve it' : 'no owner has approved it';
      return `${path} belongs to ${names.join(' ')}: ${approvedBy.length === 0 ? missing : `approved by ${approvedBy.join(' ')}`}`;
    }),
    ...(fileCount > files.length ? [`and ${fileCount - files.length} more files that have owners`] : []),
    ...(skippedLines === undefined ? [] : [`lines of ${file} that are not understood: ${skippedLines.join(', ')}`]),
  ];
}
