import { existsSync } from 'node:fs';
import { join } from 'node:path';
import helmet from '@fastify/helmet';
import fastifyStatic from '@fastify/static';
import swagger from '@fastify/swagger';
import scalar from '@scalar/fastify-api-reference';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify';
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import type { GuardRules } from './guard.ts';
import { isOpen, refusalOf } from './guard-request.ts';
import { problemOf } from './problem.ts';

/** Fastify with zod schemas. */
export type Http = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

export interface HttpOptions {
  readonly rules: GuardRules;
  readonly version: string;
  /** The built console; null where there is none. */
  readonly webFolder: string | null;
}

const BODY_BYTES_MAX = 64 << 20;

/**
 * A server with documentation, guard and errors in place. Routes are registered by the caller before it
 * listens.
 */
export async function createHttp(options: HttpOptions): Promise<Http> {
  const http = fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    forceCloseConnections: true,
    routerOptions: { ignoreTrailingSlash: true },
  }).withTypeProvider<ZodTypeProvider>();
  http.setValidatorCompiler(validatorCompiler);
  http.setSerializerCompiler(serializerCompiler);
  http.addContentTypeParser('application/x-ndjson', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  http.setErrorHandler((error, _request, reply) => {
    const { status, body } = problemOf(error);
    return reply.code(status).send(body);
  });
  http.addHook('onRequest', async (request, reply) => {
    const refused = refusalOf(request.raw, options.rules);
    if (refused && !isOpen(request.url, refused)) {
      const code = refused.status === 401 ? 'UNAUTHENTICATED' : 'REFUSED';
      return reply.code(refused.status).send({ error: { code, message: refused.message, retry: false } });
    }
  });
  await http.register(helmet, { contentSecurityPolicy: { directives: contentSecurityPolicy } });
  await http.register(swagger, {
    openapi: {
      info: {
        title: 'Millrace',
        version: options.version,
        description: 'Real-time analytics in one process.',
      },
    },
    transform: jsonSchemaTransform,
  });
  await http.register(scalar, {
    routePrefix: '/docs',
    configuration: {
      title: 'Millrace API',
      withDefaultFonts: false,
      telemetry: false,
      agent: { disabled: true },
    },
  });
  await serveConsole(http, options.webFolder);
  return http;
}

/** Own origin only; the API page runs its own inline script and styles. */
const contentSecurityPolicy = {
  defaultSrc: ["'self'"],
  scriptSrc: ["'self'", "'unsafe-inline'", "'unsafe-eval'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:'],
  fontSrc: ["'self'", 'data:'],
  connectSrc: ["'self'", 'ws:', 'wss:'],
  upgradeInsecureRequests: null,
};

/** Static files of the console; any other page address gives its start page. */
async function serveConsole(http: Http, folder: string | null): Promise<void> {
  const found = folder !== null && existsSync(join(folder, 'index.html'));
  if (found) await http.register(fastifyStatic, { root: folder, wildcard: false });
  http.setNotFoundHandler((request, reply) => {
    const isPage = request.method === 'GET' && !/^\/(api|docs|metrics|ws|assets)\b/.test(request.url);
    if (found && isPage) return reply.sendFile('index.html');
    const message = `nothing is served at ${request.method} ${request.url}; /docs lists what is.`;
    return reply.code(404).send({ error: { code: 'NOT_FOUND', message, retry: false } });
  });
}
