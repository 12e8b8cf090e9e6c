// What a check of the health page is, and how all of them are asked.
import { type HealthFinding, type HealthPart, SEVERITIES, type Severity } from '../../schemas/api/health.ts';
import { ERRORS, type ErrorCode } from '../../schemas/errors.ts';
import { toStreamSpaceError } from '../http/problem.ts';

export interface Problem {
  /** Of the table of errors, or the reason of a condition. */
  readonly code: string;
  readonly message: string;
  /** Of a page, as a path. */
  readonly link?: string;
  /** Left out: that of the table of errors. */
  readonly remedy?: string;
}

export interface HealthCheck {
  readonly part: HealthPart;
  /** What it is called when the check does not end in time. */
  readonly late: ErrorCode;
  /** A rejection is a finding as well, by its code. */
  readonly run: (signal: AbortSignal) => Promise<readonly Problem[]>;
}

export interface Checked {
  readonly part: HealthPart;
  readonly tookMs: number;
  readonly findings: readonly HealthFinding[];
}

/** Those that leave everything working. What is not here is an error. */
const LESS: Readonly<Partial<Record<string, Severity>>> = {
  DatabaseSlow: 'warning',
  ClusterSlow: 'warning',
  ClockSkewed: 'warning',
  PublicUrlInsecure: 'warning',
  ProxyNotTrusted: 'warning',
  SealKeyMissing: 'warning',
  NetworkPolicyNotEnforced: 'warning',
  NetworkPolicyNotKnown: 'note',
  AuditCheckpointsOff: 'warning',
  RecordingStorageOff: 'note',
  VolumeSizeNotEnforced: 'note',
  ImagesNotImported: 'note',
};

const LATE_MS = 5_000;

/**
 * All at once, each with its own end.
 * @param now milliseconds of a clock that never goes back
 */
export async function runChecks(
  checks: readonly HealthCheck[],
  now: () => number,
  lateMs = LATE_MS,
): Promise<readonly Checked[]> {
  return await Promise.all(
    checks.map(async (check) => {
      const began = now();
      const problems = await problemsOf(check, lateMs);
      return {
        part: check.part,
        tookMs: Math.round(now() - began),
        findings: problems.map((each) => findingOf(check.part, each)),
      };
    }),
  );
}

/** The gravest first, and of these in the order of the checks. */
export function sortFindings(findings: readonly HealthFinding[]): readonly HealthFinding[] {
  return findings.toSorted((left, right) => SEVERITIES.indexOf(left.severity) - SEVERITIES.indexOf(right.severity));
}

async function problemsOf({ late, run }: HealthCheck, lateMs: number): Promise<readonly Problem[]> {
  const signal = AbortSignal.timeout(lateMs);
  const ended = Promise.withResolvers<readonly Problem[]>();
  const message = `it did not answer within ${lateMs / 1_000} s`;
  signal.addEventListener('abort', () => ended.resolve([{ code: late, message }]));
  try {
    return await Promise.race([run(signal), ended.promise]);
  } catch (thrown) {
    if (signal.aborted) return await ended.promise;
    const { code, message: why } = toStreamSpaceError(thrown);
    return [{ code, message: why }];
  }
}

function findingOf(part: HealthPart, { code, message, link, remedy }: Problem): HealthFinding {
  const known: Readonly<Record<string, { readonly remedy: string }>> = ERRORS;
  return {
    ...{ code, part, message, link: link ?? null },
    severity: LESS[code] ?? 'error',
    remedy: remedy ?? known[code]?.remedy ?? 'docs/reference/conditions.md says what it means.',
  };
}
