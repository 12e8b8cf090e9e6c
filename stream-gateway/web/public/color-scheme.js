// Sets light or dark before the first paint. A file of its own, because the page allows no inline script; the key is
// the one that Mantine's colour scheme manager writes.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem('streamspace.color-scheme');
  } catch {
    // Storage is off: the system decides.
  }
  const dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
