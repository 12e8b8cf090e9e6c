// The frame around every page but the desktop: side bar (bottom bar on phones), top line, what is announced.
import { ActionIcon, Kbd, Menu, UnstyledButton } from '@mantine/core';
import {
  IconApps,
  IconGitBranch,
  IconGitPullRequest,
  IconHeartbeat,
  IconHelp,
  IconHome,
  IconLayoutSidebarLeftCollapse,
  IconLayoutSidebarLeftExpand,
  IconListSearch,
  IconLogout,
  IconMovie,
  type IconProps,
  IconScreenShare,
  IconSearch,
  IconUserCircle,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react';
import { Link, type LinkProps, Outlet, useLocation } from '@tanstack/react-router';
import { type ComponentType, lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useMe } from '../../api/queries.ts';
import { startableTeams } from '../../model/access/teams.ts';
import { text } from '../../text/text.ts';
import { usePersonal } from '../account/personal.tsx';
import { BreakGlassBanner } from './break-glass-banner.tsx';
import { ConnectionLine } from './connection-line.tsx';
import { Logo } from './logo.tsx';
import { ThemeMenu } from './theme-choice.tsx';
import { PhaseToasts } from './toasts.tsx';
import { useShortcuts } from './use-shortcuts.ts';
import { useSignOut } from './use-sign-out.ts';

const ShortcutsHelp = lazy(() => import('./shortcuts-help.tsx').then((module) => ({ default: module.ShortcutsHelp })));
const Palette = lazy(() => import('./palette.tsx').then(({ Palette }) => ({ default: Palette })));

interface NavItem {
  readonly to: NonNullable<LinkProps['to']>;
  readonly label: string;
  readonly icon: ComponentType<IconProps>;
}

export function Shell() {
  const me = useMe();
  const [collapsed, setCollapsed] = useState(false);
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  useShortcuts({ onSearch: () => setPalette(true), onHelp: () => setHelp(true) });
  const items: readonly NavItem[] = [
    { to: '/', label: text.nav.home, icon: IconHome },
    { to: '/catalog', label: text.nav.catalog, icon: IconApps },
    { to: '/sessions', label: text.nav.sessions, icon: IconScreenShare },
    { to: '/recordings', label: text.nav.recordings, icon: IconMovie },
    ...(me.may.gitSyncs ? [{ to: '/sources', label: text.nav.git, icon: IconGitBranch } as const] : []),
    { to: '/changes', label: text.nav.changes, icon: IconGitPullRequest },
    { to: '/teams', label: text.nav.teams, icon: IconUsersGroup },
    ...(me.may.audit ? [{ to: '/audit', label: text.nav.audit, icon: IconListSearch } as const] : []),
    ...(me.may.people ? [{ to: '/people', label: text.nav.people, icon: IconUsers } as const] : []),
    ...(me.may.health ? [{ to: '/health', label: text.nav.health, icon: IconHeartbeat } as const] : []),
    { to: '/me', label: text.nav.account, icon: IconUserCircle },
  ];
  return (
    <div className="ss-shell" data-collapsed={collapsed}>
      <a className="ss-skip" href="#content">
        {text.nav.skip}
      </a>
      <nav className="ss-nav" aria-label={text.nav.label}>
        <Link to="/" className="ss-brand" aria-label={text.product} tabIndex={-1}>
          <Logo />
          <span>{text.product}</span>
        </Link>
        <ul ref={useOpenPageInView()}>
          {items.map(({ to, label, icon: Icon }) => (
            <li key={to}>
              <Link to={to} className="ss-nav-link" activeOptions={{ exact: to === '/' }} title={collapsed ? label : undefined}>
                <Icon size={20} stroke={1.7} aria-hidden="true" />
                <span>{label}</span>
              </Link>
            </li>
          ))}
        </ul>
        <ActionIcon
          className="ss-nav-collapse"
          variant="subtle"
          color="gray"
          size={36}
          aria-label={collapsed ? text.nav.expand : text.nav.collapse}
          onClick={() => setCollapsed(!collapsed)}
        >
          {collapsed ? <IconLayoutSidebarLeftExpand size={18} /> : <IconLayoutSidebarLeftCollapse size={18} />}
        </ActionIcon>
      </nav>
      <header className="ss-top">
        <Link to="/" className="ss-brand ss-brand-small" aria-hidden="true" tabIndex={-1}>
          <Logo />
        </Link>
        <UnstyledButton className="ss-search-button" onClick={() => setPalette(true)}>
          <IconSearch size={16} aria-hidden="true" />
          <span>{text.top.searchHint}</span>
          <Kbd size="xs" aria-hidden="true">
            /
          </Kbd>
        </UnstyledButton>
        <div className="ss-top-right">
          <TeamSwitch />
          <ActionIcon
            className="ss-wide-only"
            variant="subtle"
            color="gray"
            size={36}
            aria-label={text.top.shortcuts}
            onClick={() => setHelp(true)}
          >
            <IconHelp size={18} />
          </ActionIcon>
          <MeMenu />
        </div>
      </header>
      <main id="content" className="ss-main" tabIndex={-1}>
        <ConnectionLine />
        <BreakGlassBanner />
        <Outlet />
      </main>
      <PhaseToasts />
      <Suspense fallback={null}>
        {help ? <ShortcutsHelp opened onClose={() => setHelp(false)} /> : null}

        {palette ? <Palette onClose={() => setPalette(false)} onHelp={() => setHelp(true)} /> : null}
      </Suspense>
    </div>
  );
}

/** The bar of a phone moves, and the page that is open may lie beyond its edge. */
function useOpenPageInView() {
  const list = useRef<HTMLUListElement>(null);
  const { pathname } = useLocation();
  useEffect(() => {
    const open = list.current?.querySelector<HTMLElement>(pathname === '/' ? 'a' : 'a.active');
    // In no jsdom.
    open?.scrollIntoView?.({ inline: 'center', block: 'nearest' });
  }, [pathname]);
  return list;
}

function TeamSwitch() {
  const me = useMe();
  const { personal, chooseTeam } = usePersonal();
  const teams = startableTeams(me);
  if (teams.length < 2) return null;
  const current = teams.find(({ namespace }) => namespace === personal.team) ?? teams[0];
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <UnstyledButton className="ss-top-button" aria-label={`${text.top.team}: ${current?.displayName ?? ''}`}>
          <IconUsers size={16} aria-hidden="true" />
          <span className="ss-wide-only">{current?.displayName}</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{text.top.team}</Menu.Label>
        {teams.map(({ namespace, displayName, role }) => (
          <Menu.Item
            key={namespace}
            role="menuitemradio"
            aria-checked={namespace === current?.namespace}
            rightSection={<span className="ss-note">{text.roles[role]}</span>}
            fw={namespace === current?.namespace ? 600 : 400}
            onClick={() => chooseTeam(namespace)}
          >
            {displayName}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function MeMenu() {
  const me = useMe();
  const signOut = useSignOut();
  return (
    <Menu position="bottom-end" closeOnItemClick={false}>
      <Menu.Target>
        <UnstyledButton className="ss-avatar">
          <span aria-hidden="true">{initials(me.displayName)}</span>
          <span className="ss-hidden">
            {text.top.me}: {me.displayName}
          </span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown miw={220}>
        <div className="ss-me-name">
          <strong>{me.displayName}</strong>
          <span className="ss-note">{me.platformRole === null ? me.name : text.platformRoles[me.platformRole]}</span>
        </div>
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconUserCircle size={16} aria-hidden="true" />}
          closeMenuOnClick
          renderRoot={(rest) => <Link to="/me" {...rest} />}
        >
          {text.nav.account}
        </Menu.Item>
        <ThemeMenu />
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden="true" />} onClick={signOut}>
          {text.top.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** `Ada Lovelace` is AL, `member` is M. */
function initials(name: string): string {
  const words = name.split(/[\s._-]+/).filter((word) => word !== '');
  return [words[0], words.length > 1 ? words.at(-1) : undefined]
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toUpperCase();
}
