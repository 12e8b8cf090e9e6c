// Every address of the page. The desktop stands outside the shell: it has the window to itself.
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  type RouterHistory,
} from '@tanstack/react-router';
import { Shell } from '../components/shell/shell.tsx';
import { SHARE_PATH } from '../model/desktop/visit.ts';
import { CatalogPage } from '../pages/catalog/catalog-page.tsx';
import { HomePage } from '../pages/home-page.tsx';
import { NotFoundPage, PageFailed } from '../pages/not-found-page.tsx';
import { SessionsPage } from '../pages/sessions/sessions-page.tsx';
import {
  accessSearch,
  auditSearch,
  catalogSearch,
  changesSearch,
  desktopSearch,
  peopleSearch,
  recordingsSearch,
  sessionsSearch,
  sourceSearch,
} from './search.ts';

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFoundPage });
const shell = createRoute({ getParentRoute: () => root, id: 'shell', component: Shell });

const home = createRoute({ getParentRoute: () => shell, path: '/', component: HomePage });
const catalog = createRoute({
  getParentRoute: () => shell,
  path: '/catalog',
  component: CatalogPage,
  validateSearch: catalogSearch,
});
const template = createRoute({
  getParentRoute: () => shell,
  path: '/catalog/$namespace/$name',
  component: lazyRouteComponent(() => import('../pages/catalog/template-page.tsx'), 'TemplatePage'),
});
const sessions = createRoute({
  getParentRoute: () => shell,
  path: '/sessions',
  component: SessionsPage,
  validateSearch: sessionsSearch,
});
const session = createRoute({
  getParentRoute: () => shell,
  path: '/sessions/$namespace/$name',
  component: lazyRouteComponent(() => import('../pages/sessions/session-page.tsx'), 'SessionPage'),
});
const console = createRoute({
  getParentRoute: () => shell,
  path: '/sessions/$namespace/$name/console',
  component: lazyRouteComponent(() => import('../pages/desktop/console-page.tsx'), 'ConsolePage'),
});
const sources = createRoute({
  getParentRoute: () => shell,
  path: '/sources',
  component: lazyRouteComponent(() => import('../pages/git/sources-page.tsx'), 'SourcesPage'),
});
const source = createRoute({
  getParentRoute: () => shell,
  path: '/sources/$namespace/$name',
  component: lazyRouteComponent(() => import('../pages/git/source-page.tsx'), 'SourcePage'),
  validateSearch: sourceSearch,
});
const recordings = createRoute({
  getParentRoute: () => shell,
  path: '/recordings',
  component: lazyRouteComponent(() => import('../pages/recordings/recordings-page.tsx'), 'RecordingsPage'),
  validateSearch: recordingsSearch,
});
const recording = createRoute({
  getParentRoute: () => shell,
  path: '/recordings/$id',
  component: lazyRouteComponent(() => import('../pages/recordings/recording-page.tsx'), 'RecordingPage'),
});
const people = createRoute({
  getParentRoute: () => shell,
  path: '/people',
  component: lazyRouteComponent(() => import('../pages/access/people-page.tsx'), 'PeoplePage'),
  validateSearch: peopleSearch,
});
const person = createRoute({
  getParentRoute: () => shell,
  path: '/people/$name',
  component: lazyRouteComponent(() => import('../pages/access/person-page.tsx'), 'PersonPage'),
});
const me = createRoute({
  getParentRoute: () => shell,
  path: '/me',
  component: lazyRouteComponent(() => import('../pages/account/me-page.tsx'), 'MePage'),
});
const audit = createRoute({
  getParentRoute: () => shell,
  path: '/audit',
  component: lazyRouteComponent(() => import('../pages/audit/audit-page.tsx'), 'AuditPage'),
  validateSearch: auditSearch,
});
const teams = createRoute({
  getParentRoute: () => shell,
  path: '/teams',
  component: lazyRouteComponent(() => import('../pages/access/teams-page.tsx'), 'TeamsPage'),
});
const team = createRoute({
  getParentRoute: () => shell,
  path: '/teams/$name',
  component: lazyRouteComponent(() => import('../pages/access/team-page.tsx'), 'TeamPage'),
});
const health = createRoute({
  getParentRoute: () => shell,
  path: '/health',
  component: lazyRouteComponent(() => import('../pages/health-page.tsx'), 'HealthPage'),
});
const quotas = createRoute({
  getParentRoute: () => shell,
  path: '/quotas',
  component: lazyRouteComponent(() => import('../pages/access/quotas-page.tsx'), 'QuotasPage'),
});
const changes = createRoute({
  getParentRoute: () => shell,
  path: '/changes',
  component: lazyRouteComponent(() => import('../pages/git/changes-page.tsx'), 'ChangesPage'),
  validateSearch: changesSearch,
});
const change = createRoute({
  getParentRoute: () => shell,
  path: '/changes/$namespace/$name',
  component: lazyRouteComponent(() => import('../pages/git/change-page.tsx'), 'ChangePage'),
});
const access = createRoute({
  getParentRoute: () => shell,
  path: '/access',
  component: lazyRouteComponent(() => import('../pages/access/access-page.tsx'), 'AccessPage'),
  validateSearch: accessSearch,
});
const desktop = createRoute({
  getParentRoute: () => root,
  path: '/s/$namespace/$name',
  component: lazyRouteComponent(() => import('../pages/desktop/desktop-page.tsx'), 'DesktopPage'),
  validateSearch: desktopSearch,
});

const display = createRoute({
  getParentRoute: () => root,
  path: '/s/$namespace/$name/displays/$display',
  component: lazyRouteComponent(() => import('../pages/desktop/display-page.tsx'), 'DisplayPage'),
});

const share = createRoute({
  getParentRoute: () => root,
  path: SHARE_PATH,
  component: lazyRouteComponent(() => import('../pages/desktop/share-page.tsx'), 'SharePage'),
});
const sharedDesktop = createRoute({
  getParentRoute: () => root,
  path: '/share/$namespace/$name',
  component: lazyRouteComponent(() => import('../pages/desktop/share-page.tsx'), 'SharedWithMePage'),
});

const tree = root.addChildren([
  shell.addChildren([
    home,
    catalog,
    template,
    sessions,
    session,
    console,
    sources,
    source,
    recordings,
    recording,
    people,
    person,
    audit,
    teams,
    team,
    health,
    quotas,
    changes,
    change,
    access,
    me,
  ]),
  desktop,
  display,
  share,
  sharedDesktop,
]);

export function createAppRouter(history?: RouterHistory) {
  return createRouter({
    routeTree: tree,
    defaultPreload: 'intent',
    defaultErrorComponent: PageFailed,
    defaultNotFoundComponent: NotFoundPage,
    scrollRestoration: true,
    ...(history === undefined ? {} : { history }),
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
