// Sets the colour scheme before the first paint; a file of its own so that no inline script is needed.
(() => {
  let saved = null;
  try {
    saved = localStorage.getItem('millrace-theme');
  } catch {
    // Storage may be forbidden; the system's preference then decides.
  }
  const dark = saved === 'dark' || (saved !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
