// Launching a template: where, and then straight to its desktop.
import { useNavigate } from '@tanstack/react-router';
import type { TemplateView } from '../../../../../schemas/api/api.ts';
import { useCreateSession } from '../../api/actions.ts';
import { useMe } from '../../api/queries.ts';
import { type MyTeam, teamsFor, templateRef } from '../../model/access/teams.ts';
import { text } from '../../text/text.ts';
import { usePersonal } from '../account/personal.tsx';
import { notifyFailed } from '../shell/notify.ts';

export interface Launch {
  /** Where I may start this one. */
  readonly teams: (template: TemplateView) => readonly MyTeam[];
  readonly launch: (template: TemplateView, options?: { readonly namespace?: string }) => void;
  /** The template that is being launched; one at a time, so that a double click makes one session. */
  readonly launching: string | null;
}

export function useLaunch(): Launch {
  const me = useMe();
  const create = useCreateSession();
  const navigate = useNavigate();
  const { personal, addRecent } = usePersonal();
  const teams = (template: TemplateView) => teamsFor(me, template);
  return {
    teams,
    launching: create.isPending ? create.variables.template : null,
    launch: (template, options = {}) => {
      const possible = teams(template);
      const team = possible.find(({ namespace }) => namespace === (options.namespace ?? personal.team)) ?? possible[0];
      if (team === undefined || create.isPending) return;
      create.mutate(
        { namespace: team.namespace, template: templateRef(template) },
        {
          onSuccess: ({ metadata }) => {
            addRecent(templateRef(template));
            void navigate({
              to: '/s/$namespace/$name',
              params: { namespace: metadata.namespace ?? team.namespace, name: metadata.name },
            });
          },
          onError: (error) => notifyFailed(text.catalog.launchFailed, error),
        },
      );
    },
  };
}
