// Ends the session here and, where it has one, at the identity provider.
import { useGateway } from '../../api/context.tsx';
import { text } from '../../text/text.ts';
import { notifyFailed } from './notify.ts';

export function useSignOut(): () => void {
  const { api } = useGateway();
  return () => {
    api.signOut().then(
      (location) => window.location.assign(location),
      (error: unknown) => notifyFailed(text.top.signOut, error),
    );
  };
}
