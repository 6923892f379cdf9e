import { plugins } from '@weft/plugins'
import { defineConfig } from '@weft/protocol'
import { memoryRoot } from '../../packages/edge/node-host/memory-composition-root.ts'
import type { Transport } from '../../packages/edge/src/runner/http/transport.ts'
import { tokens } from '../../packages/edge/src/tokens.ts'

const context = { waitUntil: () => {}, passThroughOnException: () => {}, props: {} }

/** A JSON answer of the edge, with its status. */
export type Asked = { status: number } & Record<string, any>

/** An edge in this process whose config says vLLM, with adapters published over its own API. @param transport reaches vLLM */
export async function edgeOverVllm(transport: Transport, adapters: ReadonlyMap<string, Uint8Array<ArrayBuffer>>) {
  const config = defineConfig({ models: { base: {} }, plugins, runner: { kind: 'vllm', url: 'http://127.0.0.1:9' } })
  const { container } = memoryRoot(config, 'http://127.0.0.1:9', 60_000)
  container.rebind(tokens.openTransport).toConstantValue(() => transport)
  container.rebind(tokens.maxFileBytes).toConstantValue(100_000_000)
  container.rebind(tokens.waits).toConstantValue({ longestMs: 120_000, blanksAfterMs: 120_000 })
  const fetchEdge = async (method: string, path: string, body: BodyInit): Promise<Response> => {
    const headers = { authorization: 'Bearer weft-local', ...(typeof body === 'string' && { 'content-type': 'application/json' }) }
    return container.get(tokens.app).fetch(new Request(`http://edge${path}`, { method, headers, body }), {}, context)
  }
  for (const [name, file] of adapters) {
    const response = await fetchEdge('POST', `/v1/adapters?name=${encodeURIComponent(name)}`, file)
    if (response.status !== 201) throw new Error(`"${name}" was not published: ${await response.text()}`)
  }
  return {
    async ask(path: string, body: object): Promise<Asked> {
      const response = await fetchEdge('POST', path, JSON.stringify(body))
      return { status: response.status, ...(await response.json()) }
    },
    async stream(path: string, body: object): Promise<string> {
      return (await fetchEdge('POST', path, JSON.stringify({ ...body, stream: true }))).text()
    },
  }
}
