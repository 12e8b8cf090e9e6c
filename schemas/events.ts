// The catalogue of audit events. Code can only write events that stand here.
export const AUDIT_EVENTS = {
  'signin.succeeded': 'A person signed in.',
  'signin.waiting': 'The identity provider confirmed a person; the second factor is still missing.',
  'signin.failed': 'A sign-in failed.',
  signout: 'A person signed out.',
  'person.groups-changed': 'The identity provider named other groups of a person than before: which came and which went.',
  'signin.lapsed': 'The identity provider no longer confirms a sign-in; it ended, with its streams.',
  'factor.enrolled': 'A person enrolled a second factor: which method, of a passkey its name.',
  'factor.used': 'A person gave a second factor for a step-up: which method.',
  'factor.failed': 'A second factor was wrong, used before, or tried too often.',
  'factor.removed': 'A person removed a second factor of his.',
  'factor.reset': 'An admin removed all second factors and recovery codes of a person.',
  'recovery-codes.issued': 'A person had recovery codes made; those before are worth nothing.',
  'signin.ended': 'Somebody ended sign-ins, of himself or of another person: how many (`ended`), or which one.',
  'signin.logged-out':
    'The identity provider said that a session ended there; its sign-ins ended with their streams: how many (`ended`).',
  'signin.logout-refused':
    'A logout token or logout request of the identity provider was not good (`why`); nothing ended. It may be a forgery.',
  'breakglass.used': 'Somebody signed in with the break-glass account, past the identity provider. Severity: high.',
  'breakglass.refused':
    'Somebody tried the break-glass account in vain, with a wrong password or while it is locked. Severity: high.',
  'person.locked': 'A person was locked out, with the reason: sign-ins ended, keys and streams refused from then on.',
  'person.unlocked': 'A person was unlocked.',
  'person.deleted': 'A person was forgotten: sign-ins, keys and layouts are gone; this log still names the person.',
  'address.banned':
    'An address gave too many wrong keys, passwords or links (`of`) and is refused for a while: its network (`network`; of IPv6 the /64), and until when (`until`).',
  'apikey.created': 'An API key was made.',
  'apikey.rotated': 'An API key was replaced by one with the same rights: by which (`by`), and until when the old one goes on.',
  'apikey.expiring': 'An API key ends soon: whose it is, when it ends, and within how many days (7, then 1). Once for each.',
  'apikey.revoked': 'An API key was revoked.',
  'apikey.refused':
    'A request came with a key that is wrong, expired or revoked, or is right and was refused (`why`: address, locked, removed: its machine has left the team).',
  'machine.refused':
    'A token of a service account was refused (`why`): it is not good, is no machine of a team, or the machine is locked.',
  'session.created': 'A session was created.',
  'session.updated': 'The desired state of a session changed.',
  'session.snoozed': 'Somebody put the end of an idle session off: until when, and how often since the last input.',
  'session.deleted': 'A session was deleted.',
  'gitsync.requested': 'Somebody asked for a sync.',
  'gitsync.suspended': 'Somebody suspended a GitSync.',
  'gitsync.resumed': 'Somebody resumed a suspended GitSync.',
  'gitsync.confirmed': 'Somebody confirmed the deletions of a revision.',
  'request.refused': 'A request was refused for want of a right.',
  'ticket.issued': 'A ticket for a stream was issued.',
  'ticket.refused': 'A ticket was wrong, used, expired or for another session.',
  'origin.refused': 'A request to open a stream came from a foreign origin.',
  'stream.opened': 'A stream was opened.',
  'stream.closed': 'A stream ended.',
  'streams.lost': 'A process that serves streams ended by itself, with all its streams: its number, and how it ended.',
  'clipboard.passed':
    'A clipboard passed a stream: which way, how many bytes, its SHA-256 and what the rules found; never the content.',
  'clipboard.denied': 'A clipboard was stopped, with the rule and the policy that it comes from; never the content.',
  'files.uploaded': 'A file was written into the home of a session: name, size, SHA-256 and type by content; never the content.',
  'files.downloaded':
    'A file or folder of a session was judged and handed out; of a folder the number of files and the SHA-256 of their list.',
  'files.denied': 'A file did not pass, with the rule and the policy that it comes from; never the content.',
  'folder.created': 'A folder was made in the home of a session.',
  'console.opened': 'A shell was opened in the container of a session: which container, which command.',
  'console.closed': 'A console ended: why, how long it was open, and how many bytes went each way; never the content.',
  'console.refused': 'A policy or a limit let somebody open no console.',
  'policy.changed': 'Another policy came into force for the open streams of a session, with the old and the new hash.',
  'policy.traced': 'The commit of a policy that had changed became known.',
  'recording.started': 'A session is recorded from here on, or again after an interruption.',
  'recording.interrupted':
    'A session is not recorded for the moment, with the code of the reason; where it must be, its streams end.',
  'recording.ended': 'A recording ended, or was left to another replica.',
  'recording.requested': 'Somebody began or ended a recording by hand.',
  'recording.consent': 'The owner of a session agreed to be recorded, or refused.',
  'recording.viewed': 'Somebody watched or downloaded a segment of a recording, with its range in milliseconds.',
  'recording.held': 'A recording was put under a legal hold, or that was lifted (`held`), with the reason.',
  'recording.deletion-requested': 'Somebody asked for the deletion of a recording, with the reason.',
  'recording.deleted':
    'A recording was deleted, by a person or because its retention was over: who or which policy, why, and the hash of its chain.',
  'share.created': 'A session was shared: with whom, how and until when; of a link never the secret.',
  'share.changed': 'A share was downgraded, or its end was moved.',
  'share.revoked': 'A share was revoked.',
  'share.used': 'Somebody opened a link; guests under the name that they gave.',
  'share.refused': 'A link, or a share, let somebody not in.',
  'share.cut': 'A stream over a share was cut, because the share ended or its policy changed.',
  'guest.admitted': 'Somebody let a waiting guest in.',
  'guest.denied': 'Somebody turned a waiting guest away.',
  'control.asked': 'Somebody asked for control of a session, or took that back.',
  'control.given': 'Somebody gave control of a session to one who was in it.',
  'control.taken': 'Somebody took control of a session back.',
  'participant.kicked': 'Somebody was put out of a session.',
  'moderation.ended': 'A moderated session was hibernated because no moderator came back in time.',
  'audit.checkpoint': 'The ends of the chains of this log were signed: number and SHA-256 of the checkpoint.',
  'audit.exported': 'Somebody exported events of this log: the search, the format and how many.',
  'audit.held': 'A month of this log was put under a legal hold, or that was lifted (`held`), with the reason.',
  'audit.month-dropped':
    'A month of this log was dropped because its time was over: how many rows it had, and the hash of the last.',
  'audit.lost': 'Events of a process were lost: the database was away, and the space for them on its disk was used up. How many.',
  'gitsync.synced': 'A GitSync brought the cluster to a commit: which, by whom, why, and how many objects it wrote and deleted.',
  'gitsync.failed': 'A sync ended before everything was applied, with its code or how it ended.',
  'object.applied':
    'A GitSync wrote an object of a StreamSpace kind: which commit, and which fields; the actor is the author of the commit.',
  'object.pruned': 'A GitSync deleted an object that has left Git; the actor is the author of the commit.',
  'object.changed':
    'Somebody changed an object past StreamSpace, with kubectl or another client, or tried to: verb, client, answer and changed fields, as the audit log of the API server has them (`origin: kubernetes`).',
  'pod.entered':
    'Somebody opened a command, a port or a debug container in a pod of a team past StreamSpace, with kubectl or another client, or tried to: past the policies and the recording of the session (`origin: kubernetes`).',
  'object.restored': 'An object that the controller keeps for a team was deleted or changed by somebody, and put back.',
  'binding.granted': 'A binding gives its role from here on: role, subject, scope and end.',
  'binding.expired': 'The time of a binding is over; what it gave was taken away.',
  'binding.withheld': 'A binding gives nothing, with the code of the reason, or because its time has not come.',
  'binding.removed': 'A binding was deleted; what it gave was taken away.',
  'change.requested':
    'Somebody asked for a change of what Git owns: of which objects, for which GitSync, and why. Without an actor: the time of another one is over, which it takes back.',
  'change.approved': 'Somebody approved a change request: of which commit.',
  'change.rejected': 'Somebody rejected a change request: of which commit, and why.',
  'change.withdrawn': 'Whoever had asked for a change took it back.',
  'change.merged': 'A change request was merged: its commit, what the branch is at since, and who had approved.',
  'change.unhealthy':
    'What was merged by a change request is not well: the sync with it fails, or something that it changed does; with the code of the reason.',
  'change.failed':
    'A change request ended without a merge, with the code of the reason: no commit can be made of it, or its time is over.',
  'session.started': 'The desktop of a session runs.',
  'session.hibernated': 'The desktop of a session was stopped; its home stays.',
  'session.ended': 'A session has ended for good, with everything that belonged to it.',
  'session.failed': 'A session cannot run, with the code of the reason.',
  'protocol.violation': 'Bytes of a stream broke the protocol; the stream was closed.',
} as const satisfies Record<string, string>;

export type AuditEventType = keyof typeof AUDIT_EVENTS;

/** Without what changes by itself: status, managed fields, versions. */
export interface ObjectChange {
  /** Undefined: it was not there, or is not known. */
  readonly before?: unknown;
  /** Undefined: it is gone. */
  readonly after?: unknown;
}

export interface AuditEvent {
  readonly type: AuditEventType;
  /** The person, or null where nobody was recognised. */
  readonly actor: string | null;
  readonly result: 'success' | 'refused' | 'failure';
  /** `kind/namespace/name` of what it was about. */
  readonly object?: string;
  readonly sourceAddress?: string;
  readonly requestId?: string;
  /** An object before and after; rules make of it what the log keeps, it is never stored as it is. */
  readonly change?: ObjectChange;
  /** Further facts; no secrets, no content. */
  readonly details?: Readonly<Record<string, string | number | boolean | null>>;
}
