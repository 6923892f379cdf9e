import type { Random } from '@weft/adapters'
import { anyAdapterFile } from './adapter-files.ts'
import { anyExpression } from './expressions.ts'
import { joined, mutateBytes, oddBodies, oddValues, pick } from './hostile.ts'
import { type Schema, sampleOf } from './schema-values.ts'
import { anyTrainingFile } from './training-files.ts'

/** One request as `fetch` takes it. */
export interface FuzzRequest {
  method: string
  path: string
  headers: Record<string, string>
  body?: string | Uint8Array<ArrayBuffer> | FormData
}

interface Operation {
  parameters?: { name: string; in: string; schema?: Schema }[]
  requestBody?: { content: Record<string, { schema?: Schema }> }
}

export interface OpenApi {
  paths: Record<string, Record<string, Operation>>
}

/** What a service holds that requests may mention. */
export interface Target {
  document: OpenApi
  key: string
  /** Adapters and routes. */
  names: readonly string[]
  files: readonly string[]
  jobs: readonly string[]
  adapter: Uint8Array
}

const operationsOf = ({ paths }: OpenApi): [string, string, Operation][] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, string, Operation] => [method, path, operation]),
  )

/** A request to any endpoint of the description: half of them nearly right, the others wrong in one way or wholly. */
export function anyRequest(random: Random, target: Target): FuzzRequest {
  const [method, path, operation] = pick(random, operationsOf(target.document))
  return requestTo(random, target, method, path, operation)
}

/** A mutated adapter, published. */
export const publishRequest = (random: Random, target: Target): FuzzRequest => ({
  method: 'POST',
  path: `/v1/adapters?name=${encodeURIComponent(pick(random, ['fuzz/a', 'fuzz/b', 'fuzz/c']))}`,
  headers: { ...authorized(target), 'content-type': 'application/octet-stream' },
  body: anyAdapterFile(random, target.adapter),
})

/** A training file, uploaded. */
export function uploadRequest(random: Random, target: Target): FuzzRequest {
  const form = new FormData()
  const name = random.uniform() < 0.9 ? 'rows.jsonl' : pick(random, ['', '../x', '\u0000', '__proto__', 'n'.repeat(random.integer(100_000))])
  form.set('file', new File([anyTrainingFile(random)], name))
  if (random.uniform() < 0.95) form.set('purpose', random.uniform() < 0.95 ? 'fine-tune' : textOf(pick(random, oddValues)))
  return { method: 'POST', path: '/v1/files', headers: authorized(target), body: form }
}

/** An expression, explained. */
export const explainRequest = (random: Random, target: Target): FuzzRequest => ({
  method: 'POST',
  path: '/v1/compositions/explain',
  headers: { ...authorized(target), 'content-type': 'application/json' },
  body: JSON.stringify({ model: anyExpression(random, target.names) }),
})

const authorized = ({ key }: Target): Record<string, string> => ({ authorization: `Bearer ${key}` })

function requestTo(random: Random, target: Target, method: string, path: string, operation: Operation): FuzzRequest {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => inUrl(pathValue(random, target, method, path, name)))
  const query = (operation.parameters ?? []).filter((each) => each.in === 'query' && random.uniform() < 0.4)
  const odd = random.uniform() < 0.1 ? `${query.length ? '&' : ''}limit=${inUrl(pick(random, oddValues))}` : ''
  const search = query.map(({ name, schema }) => `${name}=${inUrl(sampleOf(schema ?? {}, draw(random, target), name))}`).join('&') + odd
  const request: FuzzRequest = { method: method.toUpperCase(), path: search ? `${filled}?${search}` : filled, headers: authorized(target) }
  if (random.uniform() < 0.02) request.headers.authorization = pick(random, ['', 'Bearer', 'Bearer x', 'Basic eDp4', `Bearer ${'k'.repeat(5000)}`])
  const content = operation.requestBody?.content ?? {}
  if (content['multipart/form-data']) return { ...uploadRequest(random, target), path: request.path }
  if (content['application/octet-stream']) return publishRequest(random, target)
  const schema = content['application/json']?.schema
  if (!schema) return request
  return { ...request, headers: { ...request.headers, 'content-type': contentType(random) }, body: jsonBody(random, target, schema) }
}

const contentType = (random: Random): string =>
  random.uniform() < 0.95 ? 'application/json' : pick(random, ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=utf-16', ''])

function jsonBody(random: Random, target: Target, schema: Schema): string | Uint8Array<ArrayBuffer> {
  if (random.uniform() < 0.06) return pick(random, oddBodies)
  const text = JSON.stringify(sampleOf(schema, draw(random, target)))
  if (random.uniform() < 0.05) {
    const depth = 500 + random.integer(4000)
    const [open, close] = pick(random, [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const)
    return `${text.slice(0, -1)}${text === '{}' ? '' : ','}"${pick(random, ['prompt', 'metadata', 'model', 'x'])}":${open.repeat(depth)}1${close.repeat(depth)}}`
  }
  return random.uniform() < 0.06 ? mutateBytes(random, joined(new TextEncoder().encode(text))) : text
}

const draw = (random: Random, target: Target) => ({
  random,
  document: target.document,
  wild: random.uniform() < 0.5 ? 0.02 : 0.15,
  known: {
    model: [...target.names, 'base', anyExpression(random, target.names)],
    training_file: [...target.files, 'file-missing'],
    validation_file: target.files,
    max_tokens: [1, 2, 0],
    max_output_tokens: [1, 2],
    max_steps: [1, 2],
    n_epochs: [1, 1_000_000_000],
    stream: [false, true],
    n: [1, 2],
  },
})

function pathValue(random: Random, { names, files, jobs }: Target, method: string, path: string, name: string): unknown {
  if (random.uniform() < 0.15) return pick(random, oddValues)
  if (path.includes('fine_tuning')) return pick(random, [...jobs, 'ftjob-missing'])
  if (path.includes('/files')) return pick(random, [...files, 'file-missing'])
  // What the other requests need is not deleted; names that fuzzing made may be.
  return pick(random, name === 'model' && method !== 'delete' ? names : ['fuzz/a', 'fuzz/b@1', 'fuzz/c@sha256:00', 'missing'])
}

const textOf = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value))

/** Lone surrogates have no place in a URL. */
const inUrl = (value: unknown): string => encodeURIComponent(textOf(value).toWellFormed())
