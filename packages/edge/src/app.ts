import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { requestId } from 'hono/request-id'
import { answerHeaders } from './asking/name-answer.ts'
import type { Admit } from './auth/admit.ts'
import type { Authenticate } from './auth/authenticate.ts'
import type { AllowOrigin } from './auth/origins.ts'
import { needsNoKey, tellsMore } from './auth/permissions.ts'
import { methodNotAllowed, unknownUrl } from './errors.ts'
import { allowedMethods } from './http/allowed-methods.ts'
import { answerInTime } from './http/deadline.ts'
import { readablePath } from './http/readable-path.ts'
import { refuse } from './http/refuse.ts'
import type { Variables, Waits } from './http/variables.ts'
import { replayedHeader } from './idempotency/idempotent.ts'
import { rateLimitHeaderNames } from './limits/rate-limit-headers.ts'
import { observe } from './observed/observe.ts'
import type { SeeRequest } from './observed/request-seen.ts'
import { openapiDocument } from './openapi/document.ts'
import type { OpenForPrincipal } from './stores/tenants/open-for-principal.ts'

/** What pages of other origins may read of an answer, beside its body. */
const exposedHeaders = [
  ...answerHeaders,
  ...['x-request-id', 'retry-after', replayedHeader, ...rateLimitHeaderNames],
  // What a change is made over, what a download is called, what a path takes.
  ...['etag', 'content-disposition', 'allow'],
]
/** How long a browser need not ask again; most keep an answer for two hours at most. */
const preflightSeconds = 7200

/** The Worker's HTTP side: who is let in, every endpoint, and the one place that turns errors into answers. */
export function createApp(
  admit: Admit,
  origins: AllowOrigin,
  authenticate: Authenticate,
  open: OpenForPrincipal,
  waits: Waits,
  see: SeeRequest,
  endpoints: Hono<Variables>[],
): Hono<Variables> {
  const app = new Hono<Variables>()
  app.use(requestId())
  app.use(observe(see, readablePath))
  app.use(async (c, next) => {
    admit(c.req.raw)
    await next()
  })
  // A preflight carries no key: it is answered before anybody asks for one.
  app.use(cors({ origin: (origin) => (origins(origin) ? origin : null), exposeHeaders: [...exposedHeaders], maxAge: preflightSeconds }))
  app.use(async (c, next) => {
    await next()
    const { method: verb } = c.req
    if (verb !== 'HEAD') return
    // A stream that nobody will read is not begun.
    await c.res.body?.cancel()
    c.res = new Response(null, c.res)
  })
  app.use(async (c, next) => {
    c.set('waits', waits)
    await answerInTime(c, waits.longestMs, next)
  })
  // Keys are in the database, too, which may hang.
  app.use(async (c, next) => {
    if (!needsNoKey(c.req.path) || (tellsMore(c.req.path) && c.req.header('authorization'))) {
      const principal = await authenticate(c.req.raw, (work) => c.executionCtx.waitUntil(work))
      c.set('principal', principal)
      c.set('caller', { ...c.get('caller'), tenant: principal.tenant })
      c.set('stores', open(principal, c.get('requestId')))
    }
    await next()
  })
  for (const endpoint of endpoints) app.route('/', endpoint)
  app.get('/openapi.json', async (c) => c.json(await openapiDocument(app)))
  app.notFound((c) => {
    const { method, path } = c.req
    const allowed = allowedMethods(app, path)
    if (allowed.length === 0) return refuse(unknownUrl(method, path), c)
    c.header('allow', allowed.join(', '))
    return refuse(methodNotAllowed(method, path, allowed), c)
  })
  app.onError(refuse)
  return app
}
