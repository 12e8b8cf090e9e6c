// What the policies do next with a session, and by which sign.
import type { SessionView } from '../../../../../schemas/api/api.ts';
import { lifetimeWords } from '../../model/sessions/lifetime.ts';
import { useNow } from '../ui/use-now.ts';

export function LifetimeLine({ session, className }: { readonly session: SessionView; readonly className?: string }) {
  const words = lifetimeWords(session, useNow(10_000));
  return words === null ? null : (
    <span className={className} title={words}>
      {words}
    </span>
  );
}
