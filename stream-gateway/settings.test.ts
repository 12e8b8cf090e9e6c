import { expect, test } from 'vitest';
import { readGatewaySettings } from './settings.ts';

const FLAGS = [
  ...['--kubeconfig=k', '--database-url=postgres://localhost/x', '--public-url=http://localhost:8080/', '--web-dir=w'],
  ...['--oidc-issuer=http://localhost:9', '--oidc-client-id=c', '--spool-dir=s'],
];
const SECRET = { STREAMSPACE_OIDC_CLIENT_SECRET: 'secret' };

test('a stream process reads from what was given what the front process has read', async () => {
  const settings = readGatewaySettings([...FLAGS, '--stream-processes=3'], {
    ...{ ...SECRET, STREAMSPACE_TRUSTED_PROXIES: '10.0.0.1, 10.0.0.2' },
    ...{ PATH: '/usr/bin', HOME: undefined },
  });
  expect(settings.given.env).not.toHaveProperty('PATH');
  const again = readGatewaySettings(settings.given.argv, settings.given.env);
  const { clientSecret } = settings.provider;
  expect(await again.provider.clientSecret()).toBe(await clientSecret());
  expect({ ...again, provider: { ...again.provider, clientSecret } }).toEqual(settings);
  expect(settings.streamProcesses).toBe(3);
});

test('left out there are as many stream processes as processors, one to four', () => {
  const { streamProcesses } = readGatewaySettings(FLAGS, SECRET);
  expect(streamProcesses).toBeGreaterThanOrEqual(1);
  expect(streamProcesses).toBeLessThanOrEqual(4);
});

test.each(['-1', '65', '1.5', 'many'])('--stream-processes=%s is refused', (value) => {
  expect(() => readGatewaySettings([...FLAGS, `--stream-processes=${value}`], SECRET)).toThrow(
    /stream-processes.*a whole number from 0 to 64/,
  );
});

test('the audit log of the API server is not read without the token that tells our own requests from others', () => {
  expect(() => readGatewaySettings([...FLAGS, '--kubernetes-audit-log=/x'], SECRET)).toThrow(/needs --kubernetes-audit-token/);
  expect(() => readGatewaySettings([...FLAGS, '--kubernetes-audit-token=short'], SECRET)).toThrow(/at least 32/);
});
