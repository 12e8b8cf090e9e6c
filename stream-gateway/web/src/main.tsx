// Puts the page into the document; the one file that knows the real browser.
import './styles/mantine.css';
import '@mantine/notifications/styles.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/lists.css';
import './styles/pages.css';
import './styles/factors.css';
import './styles/git.css';
import './styles/player.css';
import { setNonce } from 'get-nonce';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { styleNonce } from './style-nonce.ts';

document.documentElement.dataset['started'] = ''; // for public/recover.js
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
setNonce(styleNonce()); // what keeps the page behind a dialog from scrolling (react-remove-scroll) asks there
createRoot(root).render(
  <StrictMode>
    <App fetch={(input, init) => window.fetch(input, init)} storage={window.localStorage} />
  </StrictMode>,
);
