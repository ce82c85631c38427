import { useSyncExternalStore } from 'react';

/** Fired by ourselves: the browser tells of Back and Forward, not of pushState. */
const CHANGED = 'millrace:navigated';

function watch(listener: () => void): () => void {
  addEventListener('popstate', listener);
  addEventListener(CHANGED, listener);
  return () => {
    removeEventListener('popstate', listener);
    removeEventListener(CHANGED, listener);
  };
}

export function usePath(): string {
  return useSyncExternalStore(watch, () => location.pathname);
}

/** A query parameter; null when absent or empty. */
export function useParam(name: string): string | null {
  const search = useSyncExternalStore(watch, () => location.search);
  return new URLSearchParams(search).get(name) || null;
}

/** All query parameters. */
export function useSearch(): URLSearchParams {
  return new URLSearchParams(useSyncExternalStore(watch, () => location.search));
}

/** Goes to a path or address on this origin, as a new entry of the history unless told to replace. */
export function navigate(to: string, replace = false): void {
  if (to === location.pathname + location.search) return;
  if (replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  dispatchEvent(new Event(CHANGED));
}

/** The current address with one parameter set, or removed by null. */
export function hrefWith(name: string, value: string | null): string {
  const params = new URLSearchParams(location.search);
  if (value === null) params.delete(name);
  else params.set(name, value);
  const search = params.toString();
  return `${location.pathname}${search ? `?${search}` : ''}`;
}

/**
 * Filters replace the entry, so that Back leaves the page; what opens over it (a drawer) is an entry of its
 * own.
 */
export function setParam(name: string, value: string | null, replace = true): void {
  navigate(hrefWith(name, value), replace);
}

/** Sets some parameters at once, or removes those that are null, in place of the current entry. */
export function setParams(values: Readonly<Record<string, string | null>>): void {
  const params = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(values)) {
    if (value === null) params.delete(name);
    else params.set(name, value);
  }
  const search = params.toString();
  navigate(`${location.pathname}${search ? `?${search}` : ''}`, true);
}

/** The address of another page, keeping the page-wide city filter. */
export function pageHref(path: string): string {
  const city = new URLSearchParams(location.search).get('city');
  return city ? `${path}?city=${encodeURIComponent(city)}` : path;
}
