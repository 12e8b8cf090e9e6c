import { defineConfig } from 'vitest/config';
import { BROWSER_MODULES } from './stream-gateway/web/browser-modules.ts';

// `unit` and `web` are pure and fast; the others share one real local installation. What keeps to a namespace of its own runs
// side by side; what needs the installation to itself, or freezes and kills parts of it, runs alone, one file after another.
// `npm test` runs all but `long`, which is a command of its own: `npm run test:long`.
const servers = {
  globalSetup: ['test/support/installation.ts'],
  testTimeout: 240_000,
  hookTimeout: 300_000,
  expect: { poll: { timeout: 10_000 } },
};
/** They wait more than they compute. */
const sideBySide = { ...servers, maxWorkers: 3, sequence: { groupOrder: 1 } };
const alone = { ...servers, maxWorkers: 1, sequence: { groupOrder: 2 } };
const resolve = { conditions: ['source'] };
const ssr = { resolve: { conditions: ['source'], externalConditions: ['source'] } };

export default defineConfig({
  test: {
    reporters: ['default'],
    maxWorkers: 2,
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: 'unit',
          environment: 'node',
          include: [
            '{schemas,runtime,cdk8s,controller,stream-gateway,deploy,local,images,cli,setup,examples,test/support,test/api}/**/*.test.ts',
          ],
          exclude: ['**/node_modules/**', 'stream-gateway/web/**'],
          testTimeout: 30_000,
        },
      },
      {
        // As it is built: what decodes in a browser is tested with what it stands on there.
        resolve: { ...resolve, alias: BROWSER_MODULES },
        test: {
          name: 'web',
          environment: 'jsdom',
          include: ['stream-gateway/web/**/*.test.{ts,tsx}'],
          setupFiles: ['stream-gateway/web/test-setup.ts'],
        },
      },
      {
        resolve,
        ssr,
        test: { name: 'integration', environment: 'node', include: ['test/integration/**/*.test.ts'], ...sideBySide },
      },
      { resolve, ssr, test: { name: 'disruption', environment: 'node', include: ['test/disruption/**/*.test.ts'], ...alone } },
      { resolve, ssr, test: { name: 'long', environment: 'node', include: ['test/long/**/*.test.ts'], ...alone } },
      { resolve, ssr, test: { name: 'e2e', environment: 'node', include: ['test/e2e/**/*.test.ts'], ...alone } },
    ],
  },
});
