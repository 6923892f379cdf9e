import { env, exports } from 'cloudflare:workers'
import { type AdapterState, floatTensor, type ManifestInput, writeAdapter } from '@weft/adapters'
import type { HeldModel } from '@weft/protocol'
import type { Seen, Step } from './scripted-runner.test.server.ts'

const origin = 'http://127.0.0.1:8787'

/** One request to the Worker, with the local key. */
export const edge = (path: string, init: RequestInit = {}): Promise<Response> =>
  exports.default.fetch(
    new Request(`${origin}${path}`, { ...init, headers: { authorization: 'Bearer weft-local', ...(init.headers as Record<string, string>) } }),
  )

export const post = (path: string, body: unknown, init: RequestInit = {}): Promise<Response> =>
  edge(path, { method: 'POST', body: JSON.stringify(body), ...init })

/** The answer's JSON, with its HTTP status as `http`. */
export async function json<T = any>(response: Response | Promise<Response>): Promise<T & { http: number }> {
  const answer = await response
  return { ...((await answer.json()) as T), http: answer.status }
}

/** A base model small enough to write adapters for by hand. */
export const model: HeldModel = {
  name: 'base',
  fingerprint: `sha256:${'ab'.repeat(32)}`,
  architecture: 'llama',
  spec: {
    architecture: 'llama',
    hiddenSize: 4,
    intermediateSize: 8,
    numLayers: 2,
    numHeads: 2,
    numKeyValueHeads: 1,
    headDim: 2,
    vocabSize: 32,
    maxPositions: 64,
    weights: {},
    modules: { 'model.layers.0.self_attn.q_proj': [4, 4] },
    tasks: ['CAUSAL_LM', 'SEQ_CLS', 'TOKEN_CLS'],
    classifier: { module: 'score', bias: false, dense: false },
  },
}

export const healthy = (models: HeldModel[] = [model]): Step => ({
  on: 'GET /health',
  times: 0,
  json: {
    status: 'ok',
    device: { name: 'cpu', reason: 'asked for' },
    jobs: { running: 0, queued: 0 },
    models: models.map(({ spec, ...rest }) => ({
      ...rest,
      spec: {
        architecture: spec.architecture,
        hidden_size: spec.hiddenSize,
        intermediate_size: spec.intermediateSize,
        num_layers: spec.numLayers,
        num_heads: spec.numHeads,
        num_key_value_heads: spec.numKeyValueHeads,
        head_dim: spec.headDim,
        vocab_size: spec.vocabSize,
        max_positions: spec.maxPositions,
        weights: {},
        modules: spec.modules,
        tasks: spec.tasks,
        classifier: spec.classifier,
      },
    })),
  },
})

/** Tells the runner what to do from here on; a healthy `/health` is understood unless the steps have their own. */
export async function script(...steps: Step[]): Promise<void> {
  const all = steps.some(({ on }) => on === 'GET /health') ? steps : [...steps, healthy()]
  await (await fetch(`${env.RUNNER_URL}/script`, { method: 'PUT', body: JSON.stringify(all) })).text()
}

/** What the runner was asked since, health aside. */
export async function seen(): Promise<Seen[]> {
  const all = (await (await fetch(`${env.RUNNER_URL}/script`)).json()) as Seen[]
  return all.filter(({ path }) => path !== '/health')
}

export const refusal = (status: number, code: string, on: string): Step => ({ on, status, json: { error: { code, message: `scripted ${code}` } } })

/** An adapter file for `model`: `rows` rows of `value`, and what `state` has besides them; with a method of its own, that state alone. */
export function adapterFile({
  rows = 2,
  value = 0.5,
  width = 4,
  state,
  ...manifest
}: Partial<ManifestInput> & { rows?: number; value?: number; width?: number; state?: AdapterState } = {}): Promise<Uint8Array<ArrayBuffer>> {
  return writeAdapter(
    {
      method: 'prompt-tuning',
      config: { numVirtualTokens: rows },
      base: { name: model.name, fingerprint: model.fingerprint, architecture: 'llama' },
      task: 'CAUSAL_LM',
      lineage: {},
      ...manifest,
    },
    { ...(manifest.method === undefined && { inputsEmbeds: { rows: floatTensor([rows, width], new Float32Array(rows * width).fill(value)) } }), ...state },
  )
}

/** Publishes over HTTP. */
export const publish = (name: string, file: Uint8Array<ArrayBuffer>): Promise<Response> =>
  edge(`/v1/adapters?name=${encodeURIComponent(name)}`, { method: 'POST', body: file })

/** Polls until `condition` gives something. */
export async function until<T>(condition: () => Promise<T | undefined | false>, attempts = 200): Promise<T> {
  for (let n = 0; n < attempts; n++) {
    const value = await condition()
    if (value) return value
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('it never came')
}

export const generated = (text = ' fellow citizens'): Step => ({
  on: 'POST /generate',
  json: { text, tokens: [1, 2], finish_reason: 'stop', usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5, virtual_tokens: 2 } },
})

export const streamed = (rest: Partial<Step> = {}): Step => ({
  on: 'POST /generate',
  events: [
    { data: { token: 1, text: ' fellow' } },
    { data: { token: 2, text: ' citizens' } },
    { data: { finish_reason: 'stop', usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5, virtual_tokens: 2 } } },
  ],
  ...rest,
})
