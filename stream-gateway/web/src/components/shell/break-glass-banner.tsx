// Platform admins see for a day that somebody came in without the identity provider.
import { useMe } from '../../api/queries.ts';
import { text } from '../../text/text.ts';
import { Ago } from '../ui/ago.tsx';

export function BreakGlassBanner() {
  const [latest, ...earlier] = useMe().breakGlass;
  if (latest === undefined) return null;
  return (
    <p className="ss-warning" role="status">
      {text.breakGlass.used(latest.person, latest.address ?? text.breakGlass.unknown)} <Ago at={latest.at} />
      {earlier.length === 0 ? '.' : `, ${text.breakGlass.more(earlier.length)}`}
    </p>
  );
}
