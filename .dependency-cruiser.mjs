// Imports point one way (docs/architecture.md, "Layout"). A broken rule fails `npm run check`.
const inside = (...folders) => `^(${folders.join('|')})/`;
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

export default {
  forbidden: [
    forbid('no-circular', 'A cycle hides which part is the leaf.', {}, { circular: true }),
    forbid(
      'schemas-is-the-leaf',
      'schemas/ imports nothing of ours.',
      { path: '^schemas/', pathNot: '^schemas/generate/' },
      {
        path: inside('runtime', 'cdk8s', 'controller', 'stream-gateway', 'deploy', 'local', 'images', 'cli', 'setup', 'test'),
      },
    ),
    forbid(
      'runtime-knows-schemas-only',
      'runtime/ is a leaf helper.',
      { path: '^runtime/' },
      {
        path: inside('cdk8s', 'controller', 'stream-gateway', 'deploy', 'local', 'images', 'cli', 'setup', 'test'),
      },
    ),
    forbid(
      'cdk8s-knows-schemas-only',
      'The toolkit is loaded where untrusted code runs.',
      { path: '^cdk8s/' },
      {
        path: inside('runtime', 'controller', 'stream-gateway', 'deploy', 'local', 'images', 'cli', 'setup', 'test'),
      },
    ),
    forbid(
      'controller-and-gateway-apart',
      'They meet at the API server only.',
      { path: '^controller/' },
      {
        path: inside('stream-gateway', 'deploy', 'local', 'cli', 'setup', 'test'),
      },
    ),
    forbid(
      'gateway-and-controller-apart',
      'They meet at the API server only.',
      { path: '^stream-gateway/' },
      {
        path: inside('controller', 'deploy', 'local', 'cli', 'setup', 'test'),
      },
    ),
    forbid(
      'parts-do-not-know-the-command',
      'cli/ is the top.',
      { path: inside('deploy', 'local', 'images') },
      { path: inside('cli', 'test') },
    ),
    forbid(
      'pure-parts',
      'plan/, validate/, rfb/, dlp/, pixels/, recording/format/, recording/playback/ and the frames of websocket/ have no sockets, clients, clocks or environment.',
      {
        path: '^(controller/(plan|validate)|stream-gateway/(rfb|dlp|pixels|recording/format|recording/playback))/|^stream-gateway/websocket/(client-frames|server-frames|gathered|protocol)\\.ts$',
        pathNot: '\\.test\\.ts$|/fixtures/',
      },
      {
        path: '^(node:)?(net|http|https|tls|dgram|child_process|fs|fs/promises|process|os|undici|ws|pg)$|^runtime/(kube|db|objects|config)/|node_modules/(undici|ws|pg)/',
      },
    ),
    forbid(
      'one-owner-of-pg',
      'runtime/db/ owns the database client.',
      { path: inside('controller', 'stream-gateway', 'cli') },
      { path: 'node_modules/pg/' },
    ),
    forbid(
      'web-knows-schemas',
      'The page uses schemas/ and /api/v1, and its player what draws a recording (ADR 0027).',
      // One test has the terminal of the page and the filter of the gateway side by side.
      { path: '^stream-gateway/web/', pathNot: 'console-clipboard\\.test\\.ts$' },
      {
        path: '^(runtime|cdk8s|controller|deploy|local|cli|setup|test)/|^stream-gateway/(http|auth|sessions|stream|rfb|dlp|pixels|recorder|store)/',
      },
    ),
    forbid(
      'no-orphans',
      'A module that nothing uses.',
      {
        orphan: true,
        pathNot: [
          '^(images|stream-gateway/web/public)/.*\\.js$',
          '^controller/render/sandbox/',
          // They are put in the place of packages.
          '^stream-gateway/web/src/player/browser/',
          'test-setup\\.ts$',
          '\\.d\\.ts$',
          '\\.test\\.tsx?$',
          '(^|/)main\\.ts$',
          '^examples/',
          '\\.config\\.ts$',
        ],
      },
      {},
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|generated)/|^examples/.*/node_modules' },
    // No tsConfig here: with it, the package `cdk8s` would be taken for our folder of that name.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'require', 'node', 'default', 'types'],
    },
  },
};
