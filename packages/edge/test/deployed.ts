import { env } from 'cloudflare:workers'
import type { WeftConfig } from '@weft/protocol'
import configuration from 'weft.config'
import { cloudflareRoot } from '../src/cloudflare-composition-root.ts'
import { tokens } from '../src/tokens.ts'
import { json } from './edge.ts'

/** The Worker with another configuration, over the same stores. */
export const deployed = (config: Partial<WeftConfig>, secrets: { SIGNING_KEY?: string } = {}) => {
  const container = cloudflareRoot({ ...env, ...secrets }, { ...(configuration as WeftConfig), ...config })
  const context = { waitUntil() {}, passThroughOnException() {}, props: {} } as never
  const ask = (path: string, init: RequestInit = {}) =>
    json(
      Promise.resolve(
        container.get(tokens.app).fetch(
          new Request(`http://127.0.0.1:8787${path}`, {
            ...init,
            headers: { authorization: 'Bearer weft-local', ...(init.headers as Record<string, string>) },
          }),
          env,
          context,
        ),
      ),
    )
  return {
    container,
    ask,
    publish: (name: string, file: Uint8Array<ArrayBuffer>, signature?: string) =>
      ask(`/v1/adapters?name=${encodeURIComponent(name)}${signature === undefined ? '' : `&signature=${signature}`}`, { method: 'POST', body: file }),
    explain: (expression: string) => ask('/v1/compositions/explain', { method: 'POST', body: JSON.stringify({ model: expression }) }),
  }
}
