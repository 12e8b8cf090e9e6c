// What has become of a grant whose time is over: it is in force until the change that takes it back is merged.
import { Link } from '@tanstack/react-router';
import type { ObjectName } from '../../api/client.ts';
import { useChange } from '../../api/git/change-queries.ts';
import { takeBackOf } from '../../model/git/changes.ts';
import { text } from '../../text/text.ts';

const { detail } = text.changes;

export function TakenBack({ when, by }: { readonly when: string; readonly by: ObjectName }) {
  const state = takeBackOf(useChange(by).data);
  return (
    <>
      {state === 'Waits' || state === 'Kept' ? detail.stillGranted(when) : detail.untilOver(when)}{' '}
      <Link to="/changes/$namespace/$name" params={by}>
        {detail.takeBack[state]}
      </Link>
    </>
  );
}
