import { MillraceError } from '../../core/mod.ts';
import { type ControlRecord, readControl } from '../data-dir.ts';
import type { CommandContext } from './command.ts';

/** The running Millrace of a data directory, over HTTP. */
export interface Client {
  readonly control: ControlRecord;
  json<T>(method: string, path: string, body?: unknown): Promise<T>;
  request(method: string, path: string, init?: RequestInit): Promise<Response>;
}

/** Connects to what runs on the data directory of the settings; NOT_FOUND says that nothing does. */
export function connect(context: Pick<CommandContext, 'config' | 'signal'>): Client {
  const { data } = context.config.settings;
  const control = readControl(data);
  if (!control) {
    throw new MillraceError(
      'NOT_FOUND',
      `nothing runs on the data directory ${data}. Start it with \`millrace start\`, or name another with --data.`,
    );
  }
  const request = async (method: string, path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    if (control.token !== '') headers.set('authorization', `Bearer ${control.token}`);
    const response = await fetch(control.url + path, { signal: context.signal, ...init, method, headers });
    if (!response.ok) throw await errorOf(response);
    return response;
  };
  return {
    control,
    request,
    json: async <T>(method: string, path: string, body?: unknown): Promise<T> => {
      const init =
        body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
      const text = await (await request(method, path, init)).text();
      return (text === '' ? undefined : JSON.parse(text)) as T;
    },
  };
}

/** The server's error as ours, with its own code where it is one. */
export async function errorOf(response: Response): Promise<Error> {
  const text = await response.text();
  try {
    const { error } = JSON.parse(text) as { error: { code: string; message: string } };
    return new ServerError(error.code, error.message, response.status);
  } catch {
    return new ServerError('INTERNAL', `status ${response.status}: ${text.slice(0, 500)}`, response.status);
  }
}

/** An error the server answered with. */
export class ServerError extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status: number) {
    super(message);
    this.code = code;
    this.status = status;
  }
}
