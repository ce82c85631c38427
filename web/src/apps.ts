/** What the rail lists: only pages that exist. */
export interface PageEntry {
  readonly path: string;
  readonly title: string;
  readonly icon: 'overview' | 'topics' | 'groups' | 'system';
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

export const PLATFORM_PAGES: readonly PageEntry[] = [
  { path: '/topics', title: 'Topics', icon: 'topics' },
  { path: '/groups', title: 'Groups', icon: 'groups' },
  { path: '/system', title: 'System', icon: 'system' },
];

/** The breadcrumb of a path; null when there is no such page. `detail` is what of a list the page shows. */
export function findPage(
  path: string,
): { readonly group: string; readonly page: PageEntry; readonly detail: string | null } | null {
  const fits = (page: PageEntry): boolean =>
    page.path === path || (page.icon === 'topics' && isTopicPath(path));
  const own = APP.pages.find(fits);
  const page = own ?? PLATFORM_PAGES.find(fits);
  if (page === undefined) return null;
  return { group: own ? APP.name : 'Platform', page, detail: topicOf(path) };
}

const isTopicPath = (path: string): boolean => /^\/topics\/[^/]+$/.test(path);

/** The topic whose page a path is; null for other pages. */
export function topicOf(path: string): string | null {
  if (!isTopicPath(path)) return null;
  try {
    return decodeURIComponent(path.slice('/topics/'.length));
  } catch {
    return null; // no address of ours: a broken escape
  }
}
