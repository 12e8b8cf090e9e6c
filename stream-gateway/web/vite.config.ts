// Builds the page into dist/, and serves it for work on it with the API of a gateway (or of preview/server.ts) behind it.
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { BROWSER_MODULES } from './browser-modules.ts';
import { xtermStyles } from './xterm-styles.ts';

const gateway = 'http://127.0.0.1:8080';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react(), xtermStyles()],
  resolve: { alias: BROWSER_MODULES },
  worker: { format: 'es' },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // A data: URL of a script would be refused by the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: {
    host: '127.0.0.1',
    proxy: {
      '/api': { target: gateway, ws: true },
      '/auth': { target: gateway },
    },
  },
});
