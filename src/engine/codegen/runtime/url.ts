/** The parts of a URL as java.net.URL splits it. */
interface UrlParts {
  readonly protocol: string;
  readonly host: string;
  readonly authority: string | null;
  readonly userInfo: string | null;
  readonly path: string;
  readonly query: string | null;
  readonly ref: string | null;
}

/** Protocols that java.net.URL has a handler for; others make no URL. */
const PROTOCOLS = new Set(['http', 'https', 'ftp', 'file', 'jar', 'jmod', 'jrt', 'mailto']);

/** PARSE_URL(url, part); null when the text is no URL or the part is unknown or missing. */
export function parseUrl(text: string, part: string): string | null {
  const url = urlOf(text);
  if (url === null) return null;
  switch (part) {
    case 'HOST':
      return url.host;
    case 'PATH':
      return url.path;
    case 'QUERY':
      return url.query;
    case 'REF':
      return url.ref;
    case 'PROTOCOL':
      return url.protocol;
    case 'FILE':
      return url.query === null ? url.path : `${url.path}?${url.query}`;
    case 'AUTHORITY':
      return url.authority;
    case 'USERINFO':
      return url.userInfo;
    default:
      return null;
  }
}

/** PARSE_URL(url, 'QUERY', key): the value of a key of the query. */
export function parseUrlKey(text: string, part: string, key: string): string | null {
  const query = part === 'QUERY' ? parseUrl(text, part) : null;
  if (query === null) return null;
  const found = query.split('&').find(pair => pair.startsWith(`${key}=`));
  return found === undefined ? null : found.slice(key.length + 1);
}

function urlOf(text: string): UrlParts | null {
  const spec = text.replace(/^[\0- ]+|[\0- ]+$/g, '').replace(/^url:/i, '');
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(spec);
  const protocol = scheme?.[1]?.toLowerCase() ?? '';
  if (scheme === null || !PROTOCOLS.has(protocol)) return null;
  const [main, ref] = cutAt(spec.slice(scheme[0].length), '#');
  const [location, query] = cutAt(main, '?');
  if (!location.startsWith('//')) {
    return { protocol, host: '', authority: null, userInfo: null, path: location, query, ref };
  }
  const slash = location.indexOf('/', 2);
  const authority = location.slice(2, slash < 0 ? undefined : slash);
  const server = serverOf(authority);
  if (server === null) return null;
  return { protocol, ...server, authority, path: slash < 0 ? '' : location.slice(slash), query, ref };
}

function cutAt(text: string, mark: string): [string, string | null] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
}

/** Host and user of an authority; null when the port is no number. */
function serverOf(authority: string): { host: string; userInfo: string | null } | null {
  const [before, after] = cutAt(authority, '@');
  if (after?.includes('@')) return { host: '', userInfo: null };
  const userInfo = after === null ? null : before;
  const [host, port] = splitPort(after ?? before);
  if (port !== '' && !(/^[+-]?\d{1,10}$/.test(port) && Number(port) >= -1)) return null;
  return { host, userInfo };
}

function splitPort(server: string): [string, string] {
  const bracket = server.startsWith('[') ? server.indexOf(']') : -1;
  const colon = server.indexOf(':', bracket + 1);
  return colon < 0 ? [server, ''] : [server.slice(0, colon), server.slice(colon + 1)];
}
