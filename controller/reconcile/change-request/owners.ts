// CODEOWNERS for a change request: read from the tip of the branch, never from the change itself, so that nobody lets himself in.
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { MAX_CHANGED_FILES } from '../../../schemas/kinds/changes/change-request.ts';
import type { Team } from '../../../schemas/kinds/team.ts';
import { approversIn, type Judged } from '../../changes/approvals.ts';
import {
  CODE_OWNERS_FILES,
  MAX_CODE_OWNERS_BYTES,
  type Owner,
  ownersOf,
  parseCodeOwners,
} from '../../changes/owners/code-owners.ts';
import { judgeOwners, missingOwners, type OwnersStatus } from '../../changes/owners/judge-owners.ts';
import type { CommitSha } from '../../git/commit-sha.ts';
import type { SourceTree } from '../../git/source-tree.ts';
import { describeFailure } from '../failures.ts';
import type { ChangeTarget } from './ports.ts';
import type { ChangeRun } from './run.ts';
import { isNot, type OpenStatus, type StatusChange } from './status.ts';

/** More are nobody. */
const MAX_TEAMS = 64;
const TEAM_NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const MAX_SKIPPED = 20;

/** With every file that has owners. @returns undefined where the files belong to nobody, or nobody asks */
export async function ownersOfChange(
  { ports, request, signal }: ChangeRun,
  { changes, repository, branch }: ChangeTarget,
  tip: CommitSha,
  { judged, paths }: { readonly judged: readonly Judged[]; readonly paths: readonly string[] },
): Promise<OwnersStatus | undefined> {
  if (changes.codeOwners === 'Ignore') return undefined;
  const found = await readCodeOwners(ports.git.tree(repository, { branch }, tip, signal));
  if (found === undefined) return undefined;
  const { file } = found;
  // What is taken back at its time was approved with that time.
  const required = changes.codeOwners === 'Require' && request.spec.takesBack === undefined;
  const unread = (problem: string): OwnersStatus => ({ file, required, problem: problem.slice(0, 512), files: [] });
  if ('problem' in found) return unread(`${file} cannot be read: ${found.problem}`);
  const parsed = parseCodeOwners(found.text);
  const owned = ownersOf(parsed, paths);
  if (owned === undefined) return unread(`${file} takes too long to match`);
  const skippedLines = parsed.skippedLines.slice(0, MAX_SKIPPED);
  if (owned.size === 0 && skippedLines.length === 0) return undefined;
  const approvers = approversIn(judged);
  const teams = await teamsOf([...owned.values()].flat(), approvers, {
    find: async (name) => await ports.client.find<Team>(RESOURCES.teams, undefined, name, { signal }),
    groupsOf: ports.groupsOf,
  });
  const files = judgeOwners(owned, { people: changes.forge?.people, teams }, approvers);
  return { file, required, ...(skippedLines.length === 0 ? {} : { skippedLines }), files };
}

type Found = { readonly file: string } & ({ readonly text: string } | { readonly problem: string });

async function readCodeOwners(tree: SourceTree): Promise<Found | undefined> {
  for (const file of CODE_OWNERS_FILES) {
    try {
      const bytes = await tree.file(file);
      if (bytes === undefined) continue;
      if (bytes.length > MAX_CODE_OWNERS_BYTES) return { file, problem: 'it has more than 3 MB' };
      return { file, text: Buffer.from(bytes).toString('utf8') };
    } catch (error) {
      // It is there, and is a link, a submodule or too large: another commit has to mend it.
      if (error instanceof StreamSpaceError && error.entry.retry === 'never') return { file, problem: describeFailure(error) };
      throw error;
    }
  }
  return undefined;
}

/** Who is in a team by a group is known of those who have approved, and nobody else is asked for. */
async function teamsOf(
  owners: readonly Owner[],
  approvers: readonly string[],
  ask: Pick<ChangeRun['ports'], 'groupsOf'> & { readonly find: (name: string) => Promise<Team | undefined> },
): Promise<ReadonlyMap<string, readonly string[]>> {
  const names = new Set(owners.flatMap(({ kind, name }) => (kind === 'Team' && TEAM_NAME.test(name) ? [name] : [])));
  const teams = new Map<string, readonly string[]>();
  const groupsOf = new Map<string, readonly string[]>();
  for (const name of [...names].slice(0, MAX_TEAMS)) {
    const members = (await ask.find(name))?.spec.members ?? [];
    const people = new Set(members.flatMap(({ user }) => user ?? []));
    const groups = new Set(members.flatMap(({ group }) => group ?? []));
    for (const approver of groups.size === 0 ? [] : approvers) {
      const own = groupsOf.get(approver) ?? (await ask.groupsOf(approver));
      groupsOf.set(approver, own);
      if (own.some((group) => groups.has(group))) people.add(approver);
    }
    teams.set(name, [...people]);
  }
  return teams;
}

/** What an open request says, with whose files it changes and what the merge waits for. */
export function withOwners(open: OpenStatus, owners: OwnersStatus | undefined): StatusChange {
  const fields = { ...open.fields, codeOwners: owners === undefined ? undefined : listed(owners) };
  const missing = owners === undefined ? undefined : missingOwners(owners);
  if (missing === undefined || open.ready.reason === 'ChangesRequested') return { ...open, fields };
  const verdict =
    open.ready.reason === 'AwaitingApproval'
      ? isNot('AwaitingApproval', `${open.ready.message}; ${missing}`)
      : isNot('AwaitingCodeOwners', missing);
  return { ...open, fields, ready: verdict, approved: verdict };
}

/** As many as a status may have, and first of all those that the merge waits for. */
function listed({ files, ...owners }: OwnersStatus): OwnersStatus {
  const isApproved = ({ approvedBy }: OwnersStatus['files'][number]): number => (approvedBy.length === 0 ? 0 : 1);
  const sorted = files.toSorted((a, b) => isApproved(a) - isApproved(b));
  return { ...owners, files: sorted.slice(0, MAX_CHANGED_FILES), fileCount: files.length };
}
