import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { requestId } from 'hono/request-id'
import { generateSpecs } from 'hono-openapi'
import { answerHeaders } from './asking/name-answer.ts'
import type { Admit } from './auth/admit.ts'
import type { Authenticate } from './auth/authenticate.ts'
import type { AllowOrigin } from './auth/origins.ts'
import { permissions, withoutKey } from './auth/permissions.ts'
import { unknownUrl } from './errors.ts'
import { callerOf } from './http/deadline.ts'
import { readablePath } from './http/readable-path.ts'
import { refuse } from './http/refuse.ts'
import type { Variables, Waits } from './http/variables.ts'
import { onTheWire, withIgnoredFields } from './http/wire-document.ts'
import { rateLimitHeaderNames } from './limits/rate-limit-headers.ts'
import type { OpenForPrincipal } from './stores/tenants/open-for-principal.ts'

/** What pages of other origins may read of an answer, beside its body. */
const exposedHeaders = [...answerHeaders, 'x-request-id', 'retry-after', ...rateLimitHeaderNames]
/** How long a browser need not ask again; most keep an answer for two hours at most. */
const preflightSeconds = 7200

/** The Worker's HTTP side: who is let in, every endpoint, and the one place that turns errors into answers. */
export function createApp(
  admit: Admit,
  origins: AllowOrigin,
  authenticate: Authenticate,
  open: OpenForPrincipal,
  waits: Waits,
  endpoints: Hono<Variables>[],
): Hono<Variables> {
  const app = new Hono<Variables>()
  app.use(requestId())
  app.use(async (c, next) => {
    admit(c.req.raw)
    await next()
  })
  // A preflight carries no key: it is answered before anybody asks for one.
  app.use(cors({ origin: (origin) => (origins(origin) ? origin : null), exposeHeaders: [...exposedHeaders], maxAge: preflightSeconds }))
  app.use(async (c, next) => {
    if (!withoutKey.has(c.req.path)) {
      const principal = await authenticate(c.req.raw, (work) => c.executionCtx.waitUntil(work))
      c.set('principal', principal)
      c.set('stores', open(principal, c.get('requestId')))
    }
    c.set('caller', { ...callerOf(c.req.raw, waits.longestMs, c.get('requestId')), ...(c.get('principal') && { tenant: c.get('principal').tenant }) })
    c.set('waits', waits)
    await next()
  })
  for (const endpoint of endpoints) app.route('/', endpoint)
  app.get('/openapi.json', async (c) => {
    const described = onTheWire(await document(app)) as { paths: Parameters<typeof withIgnoredFields>[0] }
    withIgnoredFields(described.paths)
    return c.json(described)
  })
  app.notFound((c) => refuse(unknownUrl(c.req.method, c.req.path), c))
  app.onError(refuse)
  return app
}

const document = async (app: Hono<Variables>) => {
  const specs = await generateSpecs(app, {
    defaultValidationErrorResponse: false,
    documentation: {
      info: {
        title: 'Weft',
        version: '0.1.0',
        description: 'Trained prompts, composed per request. The `model` field takes a base model, a route, or an expression.',
      },
      components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } } },
      security: [{ apiKey: [] }],
    },
  })
  const paths = Object.entries(specs.paths).map(([path, methods]) => {
    const readable = readablePath(path)
    for (const [method, operation] of Object.entries(methods as Record<string, Operation>)) {
      const names = [...readable.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!)
      const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path')
      const [first] = inPath
      if (first && inPath.length < names.length) operation.parameters?.push(...names.slice(1).map((name) => ({ ...first, name })))
      if (first && names[0]) first.name = names[0]
      const permission = permissions[`${method.toUpperCase()} ${readable}`]
      operation.security = permission ? [{ apiKey: [] }] : []
      if (permission) operation['x-weft-roles'] = permission.roles
    }
    return [readable, methods]
  })
  return { ...specs, paths: Object.fromEntries(paths) as typeof specs.paths }
}

interface Operation {
  parameters?: { in: string; name: string }[]
  security?: object[]
  'x-weft-roles'?: readonly string[]
}
