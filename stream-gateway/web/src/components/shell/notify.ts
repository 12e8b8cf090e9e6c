// Short messages in the corner.
import { notifications } from '@mantine/notifications';
import type { StreamNotice } from '../../../../../schemas/api/stream-notices.ts';
import { explained, toApiError } from '../../api/problem.ts';
import { text } from '../../text/text.ts';

export function notifyDone(message: string): void {
  notifications.show({ message, withCloseButton: true, closeButtonProps: { 'aria-label': text.close } });
}

/** A failed action: what, why and what to do. It stays until closed. */
export function notifyFailed(title: string, error: unknown): void {
  notifications.show({
    title,
    message: explained(toApiError(error)),
    color: 'red',
    autoClose: 12_000,
    role: 'alert',
    closeButtonProps: { 'aria-label': text.close },
  });
}

/** What a policy stopped in a desktop. The next one of the same kind takes its place. */
export function notifyStopped({ code, message }: StreamNotice): void {
  const id = `notice-${code}`;
  notifications.hide(id);
  notifications.show({
    id,
    message,
    color: 'yellow',
    autoClose: 12_000,
    role: 'alert',
    closeButtonProps: { 'aria-label': text.close },
  });
}
