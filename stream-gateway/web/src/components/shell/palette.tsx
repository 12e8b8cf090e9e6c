// The command palette: every page, template, session and action by a few letters. Loaded when first opened.
import { useMantineColorScheme } from '@mantine/core';
import '@mantine/spotlight/styles.css';
import { createSpotlight, Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from '@mantine/spotlight';
import { IconHelp, IconLogout, IconMoon, IconRocket, IconSearch, IconSun } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import MiniSearch from 'minisearch';
import { useEffect } from 'react';
import { useMe, useSessions, useTemplates } from '../../api/queries.ts';
import { templateRef } from '../../model/access/teams.ts';
import { phaseOf, verbsOf } from '../../model/sessions/phases.ts';
import { text } from '../../text/text.ts';
import { TemplateIcon } from '../catalog/template-icon.tsx';
import { useLaunch } from '../sessions/use-launch.ts';
import { useSignOut } from './use-sign-out.ts';

type SpotlightActions = SpotlightActionData | SpotlightActionGroupData;

const [store, spotlight] = createSpotlight();
const SHOWN = 8;

export function Palette({ onClose, onHelp }: { readonly onClose: () => void; readonly onHelp: () => void }) {
  const groups = [usePageActions(), useTemplateActions(), useSessionActions(), useOtherActions(onHelp)];
  useEffect(() => spotlight.open(), []);
  return (
    <Spotlight
      store={store}
      shortcut={null}
      actions={groups.filter(({ actions }) => actions.length > 0)}
      filter={filterActions}
      nothingFound={text.palette.nothing}
      scrollable
      maxHeight="min(480px, 70vh)"
      attributes={{ content: { 'aria-label': text.top.search } }}
      searchProps={{
        leftSection: <IconSearch size={18} aria-hidden="true" />,
        placeholder: text.palette.placeholder,
        'aria-label': text.top.search,
      }}
      onSpotlightClose={onClose}
    />
  );
}

function usePageActions(): SpotlightActionGroupData {
  const me = useMe();
  const navigate = useNavigate();
  const pages = [
    ['/', text.nav.home],
    ['/catalog', text.nav.catalog],
    ['/sessions', text.nav.sessions],
    ...(me.may.gitSyncs ? [['/sources', text.nav.git] as const] : []),
    ...(me.may.people ? [['/people', text.nav.people] as const] : []),
    ['/changes', text.nav.changes],
    ['/teams', text.nav.teams],
    ['/quotas', text.quotas.title],
    ...(me.may.audit ? [['/audit', text.nav.audit] as const] : []),
    ...(me.may.health ? [['/health', text.nav.health] as const] : []),
    ['/access', text.nav.access],
    ['/me', text.nav.account],
  ] as const;
  return {
    group: text.palette.pages,
    actions: pages.map(([to, label]) => ({ id: `page ${to}`, label, onClick: () => void navigate({ to }) })),
  };
}

function useTemplateActions(): SpotlightActionGroupData {
  const templates = useTemplates();
  const launch = useLaunch();
  const navigate = useNavigate();
  const items = templates.state === 'ready' ? templates.list.items : [];
  return {
    group: text.palette.templates,
    actions: items.flatMap((template): SpotlightActionData[] => {
      const { spec, metadata } = template;
      const { namespace = '', name } = metadata;
      const open: SpotlightActionData = {
        id: `template ${templateRef(template)}`,
        label: spec.displayName,
        description: spec.summary,
        keywords: [...spec.tags, ...spec.categories],
        leftSection: <TemplateIcon icon={spec.icon} size={28} />,
        onClick: () => void navigate({ to: '/catalog/$namespace/$name', params: { namespace, name } }),
      };
      if (launch.teams(template).length === 0) return [open];
      const start: SpotlightActionData = {
        id: `launch ${templateRef(template)}`,
        label: text.palette.launch(spec.displayName),
        keywords: [...spec.tags],
        leftSection: <IconRocket size={20} stroke={1.6} aria-hidden="true" />,
        onClick: () => launch.launch(template),
      };
      return [start, open];
    }),
  };
}

function useSessionActions(): SpotlightActionGroupData {
  const sessions = useSessions();
  const navigate = useNavigate();
  const items = sessions.state === 'ready' ? sessions.list.items : [];
  return {
    group: text.palette.sessions,
    actions: items.map((session): SpotlightActionData => {
      const { namespace = '', name } = session.metadata;
      const to = verbsOf(session).includes('open') ? '/s/$namespace/$name' : '/sessions/$namespace/$name';
      return {
        id: `session ${namespace}/${name}`,
        label: name,
        description: [
          session.status?.templateRef?.displayName ?? session.spec.template,
          text.sessions.phases[phaseOf(session)],
        ].join(' · '),
        leftSection: <TemplateIcon icon={session.status?.templateRef?.icon} size={28} />,
        onClick: () => void navigate({ to, params: { namespace, name } }),
      };
    }),
  };
}

function useOtherActions(onHelp: () => void): SpotlightActionGroupData {
  const signOut = useSignOut();
  const { setColorScheme } = useMantineColorScheme();
  return {
    group: text.palette.actions,
    actions: [
      {
        id: 'theme light',
        label: text.palette.switchTheme(text.theme.light),
        leftSection: <IconSun size={20} stroke={1.6} />,
        onClick: () => setColorScheme('light'),
      },
      {
        id: 'theme dark',
        label: text.palette.switchTheme(text.theme.dark),
        leftSection: <IconMoon size={20} stroke={1.6} />,
        onClick: () => setColorScheme('dark'),
      },
      { id: 'help', label: text.shortcuts.title, leftSection: <IconHelp size={20} stroke={1.6} />, onClick: onHelp },
      { id: 'sign-out', label: text.top.signOut, leftSection: <IconLogout size={20} stroke={1.6} />, onClick: signOut },
    ],
  };
}

/** Without a word: pages and actions. With some: the best of each group, typing errors forgiven. */
function filterActions(query: string, all: SpotlightActions[]): SpotlightActions[] {
  const groups = all.filter((entry) => 'actions' in entry);
  if (query.trim() === '') {
    return groups.map((group) => ({
      ...group,
      actions: group.actions.slice(0, group.group === text.palette.templates ? 4 : SHOWN),
    }));
  }
  return groups.flatMap((group) => {
    const index = new MiniSearch({
      fields: ['label', 'description', 'keywords'],
      searchOptions: { prefix: true, fuzzy: 0.25, boost: { label: 4 } },
    });
    index.addAll(
      group.actions.map(({ id, label, description, keywords }) => ({
        id,
        label,
        description,
        keywords: [keywords].flat().join(' '),
      })),
    );
    const byId = new Map(group.actions.map((action) => [action.id, action]));
    const actions = index
      .search(query, { combineWith: 'AND' })
      .slice(0, SHOWN)
      .flatMap(({ id }) => byId.get(String(id)) ?? []);
    return actions.length === 0 ? [] : [{ ...group, actions }];
  });
}
