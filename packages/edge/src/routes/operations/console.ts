import { type Context, Hono } from 'hono'
import { describeRoute } from 'hono-openapi'
import { unknownUrl } from '../../errors.ts'
import type { Variables } from '../../http/variables.ts'

/** Answers from the console's built files, which lie under `/console/`. */
export type ConsoleFiles = (request: Request) => Promise<Response>

/** A page may load what comes from here, and nothing else: no other site, no script or style in the document, no frame around it. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const headers = { 'content-security-policy': policy, 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' }

/** Their names carry a digest of what is in them. */
const named = '/console/assets/'

/**
 * From a page's address to the folder that its files lie in, `…/console/`. A proxy may have cut off what stood before `/console`, and the browser
 * resolves this against the address that it asked: so an edge beneath a path of its host needs not know the path.
 */
const upToFolder = (path: string): string => (path === '/console' ? './console/' : `./${'../'.repeat(path.split('/').length - 3)}`)

/** `/console` and everything below: the page itself, whose address says what it shows, or one of its files. */
export const consoleRoute = ({ consoleFiles }: { consoleFiles: ConsoleFiles | undefined }) => {
  const file = async (c: Context<Variables>, path: string): Promise<Response> => {
    const found = await consoleFiles?.(new Request(new URL(path, c.req.url)))
    if (!found?.ok) throw unknownUrl(c.req.method, c.req.path)
    const isPage = path.endsWith('.html')
    const body = isPage ? (await found.text()).replaceAll('="./', `="${upToFolder(c.req.path)}`) : found.body
    const answer = new Response(body, { headers: { ...headers, 'content-type': found.headers.get('content-type') ?? 'application/octet-stream' } })
    answer.headers.set('cache-control', isPage ? 'no-store' : path.startsWith(named) ? 'public, max-age=31536000, immutable' : 'no-cache')
    return answer
  }
  return new Hono<Variables>()
    .get('/console', describeRoute({ hide: true }), (c) => file(c, '/console/index.html'))
    .get('/console/*', describeRoute({ hide: true }), (c) => {
      const isFile = c.req.path.startsWith(named) || c.req.path === '/console/icon.svg'
      return file(c, isFile ? c.req.path : '/console/index.html')
    })
}
