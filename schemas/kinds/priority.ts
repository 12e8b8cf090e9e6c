// How a session is ordered among those that wait for room, and which PriorityClass its pod has.
import * as z from 'zod';

export const sessionPriority = z.enum(['Low', 'Normal', 'High']);
export type SessionPriority = z.infer<typeof sessionPriority>;

/** The higher goes first. */
export const PRIORITY_RANK: Readonly<Record<SessionPriority, number>> = { Low: 0, Normal: 1, High: 2 };

/** Of a PriorityClass (scheduling.k8s.io/v1): all above 0, which is what pods without a class have, and below the cluster's own. */
export const PRIORITY_VALUE: Readonly<Record<SessionPriority, number>> = { Low: 1_000, Normal: 2_000, High: 3_000 };

/** Name of the PriorityClass that an installation brings for it. */
export function priorityClassName(priority: SessionPriority): string {
  return `streamspace-${priority.toLowerCase()}`;
}

/** The lower of the two: a template can only lower what the team has, so nobody raises himself. */
export function priorityOf(ofTeam: SessionPriority | undefined, ofTemplate: SessionPriority | undefined): SessionPriority {
  const team = ofTeam ?? 'Normal';
  return ofTemplate !== undefined && PRIORITY_RANK[ofTemplate] < PRIORITY_RANK[team] ? ofTemplate : team;
}
