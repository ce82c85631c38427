/** What the rail lists: only pages that exist. */
export interface PageEntry {
  readonly path: string;
  readonly title: string;
  readonly icon: 'overview' | 'system';
}
export interface AppEntry {
  readonly name: string;
  /** "Today" and every shown time are in this zone; storage and APIs are UTC. */
  readonly timeZone: string;
  readonly pages: readonly PageEntry[];
}

export const APP: AppEntry = {
  name: 'Flavor Trend',
  timeZone: 'Africa/Tunis',
  pages: [{ path: '/overview', title: 'Overview', icon: 'overview' }],
};

export const PLATFORM_PAGES: readonly PageEntry[] = [{ path: '/system', title: 'System', icon: 'system' }];

/** The breadcrumb of a path; null when there is no such page. */
export function findPage(path: string): { readonly group: string; readonly page: PageEntry } | null {
  const own = APP.pages.find(page => page.path === path);
  if (own) return { group: APP.name, page: own };
  const shared = PLATFORM_PAGES.find(page => page.path === path);
  return shared ? { group: 'Platform', page: shared } : null;
}
