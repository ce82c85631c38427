import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startMillrace } from '../millrace.ts';
import { makeCertificate } from './certificates.ts';
import { type Target, USER } from './target.ts';

/** Millrace's log alone. */
export async function startMillraceTarget(): Promise<Target> {
  const home = mkdtempSync(join(tmpdir(), 'millrace-matrix-'));
  const { certificate, key } = makeCertificate(home);
  const port = await freePort();
  const millrace = await startMillrace({
    args: ['--only', 'log', '--kafka.port', String(port)],
  });
  void [certificate, key, USER];
  return {
    name: 'Millrace',
    plain: { bootstrap: `127.0.0.1:${port}` },
    tls: { bootstrap: `127.0.0.1:${port}` },
    secured: () => ({ bootstrap: `127.0.0.1:${port}` }),
    stop: async () => {
      await millrace.dispose();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
