// What only a browser can tell of an installation: under which address it got here, and whether WebSockets get through from here.

import { type HealthFinding, type HealthReport, SEVERITIES } from '../../../../../schemas/api/health.ts';
import { HEALTH_ERRORS } from '../../../../../schemas/errors/health.ts';
import { text } from '../../text/text.ts';

export interface SeenHere {
  /** Of this page. */
  readonly origin: string;
  /** Undefined: not known yet. */
  readonly socketPasses: boolean | undefined;
}

/** Those of the gateway and those of this browser, the gravest first; one that both have is told once. */
export function findingsWith(
  { findings, publicUrl }: Pick<HealthReport, 'findings' | 'publicUrl'>,
  here: SeenHere,
): readonly HealthFinding[] {
  const words = text.health;
  const own = (code: 'PublicUrlElsewhere' | 'WebSocketBlocked', part: HealthFinding['part'], message: string): HealthFinding => ({
    ...{ code, part, message, severity: 'error', link: null },
    remedy: HEALTH_ERRORS[code].remedy,
  });
  const more = [
    ...(here.origin === publicUrl ? [] : [own('PublicUrlElsewhere', 'address', words.elsewhere(here.origin, publicUrl))]),
    ...(here.socketPasses === false ? [own('WebSocketBlocked', 'webSocket', words.blocked(here.origin))] : []),
  ];
  const known = new Set(findings.map(({ code }) => code));
  return [...findings, ...more.filter(({ code }) => !known.has(code))].toSorted(
    (left, right) => SEVERITIES.indexOf(left.severity) - SEVERITIES.indexOf(right.severity),
  );
}
