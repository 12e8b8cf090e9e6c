// The pages of the identity provider: plain HTML without a script, for light and dark, phone and screen reader. Pure.

export function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

const STYLE = `
:root { color-scheme: light dark; --text: #1b1f27; --soft: #525c6b; --line: #8a94a3; --page: #f3f5f8; --card: #ffffff; --accent: #1b5fb4; --bad: #a8071a; --bad-page: #fff1f0; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6e9ee; --soft: #aab3c0; --line: #6d7888; --page: #12151a; --card: #1b2028; --accent: #2f6fb3; --bad: #ffa39e; --bad-page: #3a1a1c; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 16px; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 380px; padding: 32px 28px; background: var(--card); border-radius: 12px; box-shadow: 0 1px 3px rgb(0 0 0 / 0.2); }
h1 { margin: 0 0 4px; font-size: 1.4rem; }
p { margin: 0 0 20px; color: var(--soft); }
p[role='alert'] { padding: 10px 12px; border-radius: 8px; background: var(--bad-page); color: var(--bad); }
label { display: block; margin: 0 0 4px; font-weight: 600; }
input { width: 100%; margin: 0 0 16px; padding: 10px 12px; border: 1px solid var(--line); border-radius: 8px; background: transparent; color: inherit; font: inherit; }
button { width: 100%; padding: 11px; border: 0; border-radius: 8px; background: var(--accent); color: #ffffff; font: inherit; font-weight: 600; cursor: pointer; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
small { display: block; margin-top: 20px; color: var(--soft); font-size: 0.875rem; }
code { font-size: 0.9em; }`;

export interface PageOptions {
  /** For the Content-Security-Policy: style and script of the page carry it. */
  readonly nonce: string;
}

function page(title: string, body: string, options: PageOptions): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
<style nonce="${options.nonce}">${STYLE}
</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}

export interface SignInPage extends PageOptions {
  readonly action: string;
  /** What was typed, to correct it. */
  readonly name: string;
  readonly problem?: string;
  readonly people: readonly string[];
}

export function signInPage(options: SignInPage): string {
  const alert = options.problem === undefined ? '' : `<p role="alert" id="problem">${escapeHtml(options.problem)}</p>\n`;
  const invalid = options.problem === undefined ? '' : ' aria-describedby="problem"';
  // The field to type into next: the password when the name is there already.
  const [nameFocus, passwordFocus] = options.name === '' ? [' autofocus', ''] : ['', ' autofocus'];
  return page(
    'Sign in · StreamSpace',
    `<h1>Sign in to StreamSpace</h1>
<p>This is a local demonstration with people of its own.</p>
${alert}<form method="post" action="${escapeHtml(options.action)}">
<label for="name">Name</label>
<input id="name" name="name" value="${escapeHtml(options.name)}" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="128" required${nameFocus}${invalid}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="256" required${passwordFocus}${invalid}>
<button type="submit">Sign in</button>
</form>
<small>${options.people.map(escapeHtml).join(', ')}: their passwords are in <code>local.json</code>, whose path <code>streamspace status</code> names.</small>`,
    options,
  );
}

export interface MessagePage extends PageOptions {
  readonly title: string;
  readonly text: string;
  /** Where to go on. */
  readonly link?: { readonly href: string; readonly words: string };
}

export function messagePage(options: MessagePage): string {
  const link =
    options.link === undefined ? '' : `<a href="${escapeHtml(options.link.href)}">${escapeHtml(options.link.words)}</a>`;
  return page(options.title, `<h1>${escapeHtml(options.title)}</h1>\n<p>${escapeHtml(options.text)}</p>\n${link}`, options);
}

/** Sends itself: who asked to sign out is not asked again. Without scripts there is the button. */
export function signOutPage(options: PageOptions & { readonly form: string }): string {
  const body = `<h1>Signing out</h1>
${options.form}
<noscript><button type="submit" form="op.logoutForm" name="logout" value="yes">Sign out</button></noscript>
<script nonce="${options.nonce}">
const form = document.getElementById('op.logoutForm');
const field = document.createElement('input');
field.type = 'hidden'; field.name = 'logout'; field.value = 'yes';
form.append(field);
form.submit();
</script>`;
  return page('Signing out · StreamSpace', body, options);
}
