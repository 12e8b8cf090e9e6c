// Loads the page once more when a part of it could not be fetched. A browser ends what it is fetching whenever the network of
// its machine changes (another Wi-Fi, a VPN; on the machine of a local installation every pod that comes or goes), and a
// module that is missing leaves an empty page.
(() => {
  const KEY = 'streamspace.reloads';
  const WITHIN_MS = 60_000;
  const MOST = 6;
  let planned = false;

  const recent = () => {
    try {
      return JSON.parse(sessionStorage.getItem(KEY) ?? '[]').filter((at) => Date.now() - at < WITHIN_MS);
    } catch {
      return new Array(MOST).fill(Date.now()); // storage is off: without a count there is no end to it
    }
  };

  const again = (event) => {
    const { target } = event;
    const part = target instanceof HTMLScriptElement || target instanceof HTMLLinkElement;
    // Once the page runs, it shows itself what it could not load.
    if (!part || planned || document.documentElement.dataset.started !== undefined) return;
    const before = recent();
    if (before.length >= MOST) {
      document.getElementById('not-loaded')?.removeAttribute('hidden');
      return;
    }
    planned = true;
    setTimeout(
      () => {
        sessionStorage.setItem(KEY, JSON.stringify([...before, Date.now()]));
        location.reload();
      },
      200 * 2 ** before.length,
    );
  };
  addEventListener('error', again, true);
})();
