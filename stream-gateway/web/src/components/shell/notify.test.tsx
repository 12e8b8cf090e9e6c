import { screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import { openPage } from '../../../test/render-app.tsx';
import { notifyStopped } from './notify.ts';

test('what a policy stopped is said in the words of the gateway, and the next of its kind takes its place', async () => {
  openPage('/');
  const stopped = (by: string): void =>
    notifyStopped({ type: 'notice', code: 'ClipboardRate', message: `Pasting was stopped: policy ${by} allows 3 a minute.` });
  stopped('streamspace/baseline');
  expect((await screen.findByRole('alert')).textContent).toContain('policy streamspace/baseline allows 3 a minute');
  stopped('team-web/strict');
  await waitFor(() => expect(screen.getByRole('alert').textContent).toContain('policy team-web/strict'));
});
