import { expect, test } from 'vitest';
import type { SessionView } from '../../../../../schemas/api/api.ts';
import { endWarning, lifetimeWords } from './lifetime.ts';

type Status = NonNullable<SessionView['status']>;
const local = (hours: number, minutes: number): string => new Date(2026, 2, 2, hours, minutes).toISOString();
const NOW = new Date(2026, 2, 2, 13, 40).getTime();
const next = { action: 'Hibernate', at: local(14, 5), reason: 'Idle' } as const;

test('P-22-6 a line says what happens next, when, and by which sign', () => {
  const lifetime: Status['lifetime'] = { next, lastInputAt: local(13, 35), lastInputKind: 'Key' };
  expect(lifetimeWords({ status: { lifetime } }, NOW)).toBe('Hibernates at 14:05 when nobody types; last key 13:35');
  const ended = { action: 'Hibernate', at: local(14, 5), reason: 'Idle' } as const;
  expect(lifetimeWords({ status: { lifetime: { ended } } }, NOW)).toBe('Hibernated at 14:05: nobody typed');
  expect(lifetimeWords({ status: {} }, NOW)).toBeNull();
});

test('a warning stands only while the session runs and the policy has it told, and is put off as often as that lets', () => {
  const lifetime: Status['lifetime'] = { next, warned: [{ reason: 'Idle', since: local(14, 0) }] };
  const snoozes = { max: 1, seconds: 300 };
  const effectivePolicy = {
    lifetime: { idle: { afterSeconds: 600, action: 'Hibernate', warnSeconds: 60, snoozes } },
  } as unknown as NonNullable<Status['effectivePolicy']>;
  expect(endWarning({ status: { phase: 'Running', lifetime: { next }, effectivePolicy } })).toBeNull();
  expect(endWarning({ status: { phase: 'Hibernating', lifetime, effectivePolicy } })).toBeNull();
  expect(endWarning({ status: { phase: 'Running', lifetime, effectivePolicy } })).toMatchObject({ mayPutOff: true });
  const used = { ...lifetime, snoozes: 1 };
  expect(endWarning({ status: { phase: 'Running', lifetime: used, effectivePolicy } })).toMatchObject({ mayPutOff: false });
});
