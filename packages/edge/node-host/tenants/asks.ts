/** What a tenant has, by what names it. */
export interface Held {
  adapter: string
  /** Another, of the same file. */
  sibling: string
  classifier: string
  digest: string
  route: string
  file: string
  batchFile: string
  job: string
  /** Where one was begun. */
  settlement?: string
  batch: string
  response: string
  key: string
  signingKey: string
  prefix: string
}

export interface Ask {
  path: string
  /** Sent as JSON, unless it is a form or bytes. */
  body?: unknown
}

const form = (fields: Record<string, string | File>): FormData => {
  const body = new FormData()
  for (const [name, value] of Object.entries(fields)) body.set(name, value)
  return body
}
const job = (of: Held, suffix = 'own/trained') => ({
  model: 'base',
  training_file: of.file,
  suffix,
  on: of.adapter,
})
const inputs = Array.from({ length: 24 }, (_, n) => `text ${n}`)

/**
 * How every endpoint is asked about what a tenant has: all that names something names it. An endpoint that is not here fails the test.
 * @param adapterFile an adapter's bytes
 */
export const asks = (adapterFile: Uint8Array<ArrayBuffer>): Readonly<Record<string, (of: Held) => Ask>> => ({
  'GET /v1/models': () => ({ path: '/v1/models' }),
  'GET /v1/models/{model}': ({ adapter }) => ({ path: `/v1/models/${adapter}` }),
  'DELETE /v1/models/{model}': ({ adapter }) => ({ path: `/v1/models/${adapter}@1` }),
  'GET /v1/methods': () => ({ path: '/v1/methods' }),
  'GET /v1/executors': () => ({ path: '/v1/executors' }),
  'POST /v1/completions': ({ adapter }) => ({ path: '/v1/completions', body: { model: `base + ${adapter}`, prompt: 'a' } }),
  'POST /v1/chat/completions': ({ route }) => ({ path: '/v1/chat/completions', body: { model: route, messages: [{ role: 'user', content: 'a' }] } }),
  'POST /v1/classify': ({ classifier }) => ({ path: '/v1/classify', body: { model: classifier, input: 'a' } }),
  'POST /v1/score': ({ adapter }) => ({ path: '/v1/score', body: { model: `${adapter}@1`, input: 'a' } }),
  'POST /v1/embeddings': ({ adapter }) => ({ path: '/v1/embeddings', body: { model: adapter, input: 'a' } }),
  'POST /v1/compositions/explain': ({ adapter, digest }) => ({ path: '/v1/compositions/explain', body: { model: `${adapter}@${digest}` } }),
  'POST /v1/calibrations': ({ adapter, classifier }) => ({ path: '/v1/calibrations', body: { model: `${classifier} + ${adapter}`, input: inputs } }),
  'GET /v1/adapters': () => ({ path: '/v1/adapters' }),
  'GET /v1/adapters/{id}': ({ adapter, digest }) => ({ path: `/v1/adapters/${adapter}@${digest}` }),
  'GET /v1/adapters/{name}/diff': ({ adapter }) => ({ path: `/v1/adapters/${adapter}/diff?from=1&to=2` }),
  'GET /v1/adapters/{name}/versions': ({ adapter }) => ({ path: `/v1/adapters/${adapter}/versions` }),
  'GET /v1/adapters/{id}/content': ({ adapter }) => ({ path: `/v1/adapters/${adapter}@1/content` }),
  'GET /v1/adapters/{id}/probes': ({ adapter }) => ({ path: `/v1/adapters/${adapter}@1/probes` }),
  'PUT /v1/adapters/{id}/probes': ({ adapter }) => ({ path: `/v1/adapters/${adapter}@1/probes`, body: { data: [{ text: 'a' }] } }),
  'DELETE /v1/adapters/{id}/probes': ({ adapter }) => ({ path: `/v1/adapters/${adapter}@1/probes` }),
  'GET /v1/adapters/{name}/aliases': ({ adapter }) => ({ path: `/v1/adapters/${adapter}/aliases` }),
  'GET /v1/adapters/{name}/aliases/{alias}': ({ adapter }) => ({ path: `/v1/adapters/${adapter}/aliases/prod` }),
  'PUT /v1/adapters/{name}/aliases/{alias}': ({ adapter }) => ({ path: `/v1/adapters/${adapter}/aliases/prod`, body: { version: 1 } }),
  'DELETE /v1/adapters/{name}/aliases/{alias}': ({ adapter }) => ({ path: `/v1/adapters/${adapter}/aliases/prod` }),
  'POST /v1/adapters/{name}/rollback': ({ adapter }) => ({ path: `/v1/adapters/${adapter}/rollback`, body: { to: 1 } }),
  'GET /v1/signing_keys': () => ({ path: '/v1/signing_keys' }),
  'PUT /v1/signing_keys/{id}': ({ signingKey }) => ({ path: `/v1/signing_keys/${encodeURIComponent(signingKey)}`, body: {} }),
  'DELETE /v1/signing_keys/{id}': ({ signingKey }) => ({ path: `/v1/signing_keys/${encodeURIComponent(signingKey)}` }),
  'POST /v1/adapters': ({ adapter }) => ({ path: `/v1/adapters?name=${adapter}`, body: adapterFile }),
  'POST /v1/adapters/{id}/gate': ({ adapter }) => ({ path: `/v1/adapters/${adapter}@1/gate` }),
  'DELETE /v1/adapters/{id}': ({ adapter }) => ({ path: `/v1/adapters/${adapter}@1` }),
  'GET /v1/routes': () => ({ path: '/v1/routes' }),
  'GET /v1/routes/{name}': ({ route }) => ({ path: `/v1/routes/${route}` }),
  'GET /v1/routes/{name}/versions': ({ route }) => ({ path: `/v1/routes/${route}/versions` }),
  'GET /v1/routes/{name}/metrics': ({ route }) => ({ path: `/v1/routes/${route}/metrics` }),
  'POST /v1/routes/{name}/rollback': ({ route }) => ({ path: `/v1/routes/${route}/rollback`, body: {} }),
  'PUT /v1/routes/{name}': ({ adapter }) => ({ path: '/v1/routes/own/new-route', body: { composition: `base + ${adapter}` } }),
  'DELETE /v1/routes/{name}': ({ route }) => ({ path: `/v1/routes/${route}` }),
  'POST /v1/responses': ({ response }) => ({ path: '/v1/responses', body: { model: 'base', input: 'a', previous_response_id: response } }),
  'GET /v1/responses/{response_id}': ({ response }) => ({ path: `/v1/responses/${response}` }),
  'GET /v1/responses/{response_id}/input_items': ({ response }) => ({ path: `/v1/responses/${response}/input_items` }),
  'DELETE /v1/responses/{response_id}': ({ response }) => ({ path: `/v1/responses/${response}` }),
  'GET /v1/batches': ({ batch }) => ({ path: `/v1/batches?after=${batch}` }),
  'POST /v1/batches': ({ batchFile }) => ({
    path: '/v1/batches',
    body: { input_file_id: batchFile, endpoint: '/v1/completions', completion_window: '24h' },
  }),
  'GET /v1/batches/{id}': ({ batch }) => ({ path: `/v1/batches/${batch}` }),
  'POST /v1/batches/{id}/cancel': ({ batch }) => ({ path: `/v1/batches/${batch}/cancel` }),
  'GET /v1/files': ({ batchFile }) => ({ path: `/v1/files?after=${batchFile}` }),
  'POST /v1/files': () => ({ path: '/v1/files', body: form({ purpose: 'batch', file: new File(['{}\n'], 'a.jsonl') }) }),
  'GET /v1/files/{id}': ({ batchFile }) => ({ path: `/v1/files/${batchFile}` }),
  'GET /v1/files/{id}/content': ({ batchFile }) => ({ path: `/v1/files/${batchFile}/content` }),
  'DELETE /v1/files/{id}': ({ batchFile }) => ({ path: `/v1/files/${batchFile}` }),
  'GET /v1/fine_tuning/jobs': ({ job }) => ({ path: `/v1/fine_tuning/jobs?after=${job}` }),
  'POST /v1/fine_tuning/jobs': (of) => ({ path: '/v1/fine_tuning/jobs', body: job(of) }),
  'GET /v1/fine_tuning/jobs/{id}': ({ job }) => ({ path: `/v1/fine_tuning/jobs/${job}` }),
  'POST /v1/fine_tuning/jobs/{id}/cancel': ({ job }) => ({ path: `/v1/fine_tuning/jobs/${job}/cancel` }),
  'POST /v1/fine_tuning/jobs/{id}/pause': ({ job }) => ({ path: `/v1/fine_tuning/jobs/${job}/pause` }),
  'POST /v1/fine_tuning/jobs/{id}/resume': ({ job }) => ({ path: `/v1/fine_tuning/jobs/${job}/resume` }),
  'GET /v1/fine_tuning/jobs/{id}/events': ({ job }) => ({ path: `/v1/fine_tuning/jobs/${job}/events` }),
  'GET /v1/fine_tuning/jobs/{id}/checkpoints': ({ job }) => ({ path: `/v1/fine_tuning/jobs/${job}/checkpoints` }),
  'POST /v1/fine_tuning/settlements': ({ adapter, sibling }) => ({ path: '/v1/fine_tuning/settlements', body: { expression: `${adapter}@1 + ${sibling}` } }),
  'GET /v1/fine_tuning/settlements/{id}': ({ settlement }) => ({ path: `/v1/fine_tuning/settlements/${settlement}` }),
  'POST /v1/fine_tuning/settlements/{id}/cancel': ({ settlement }) => ({ path: `/v1/fine_tuning/settlements/${settlement}/cancel` }),
  'POST /v1/fine_tuning/settlements/{id}/pause': ({ settlement }) => ({ path: `/v1/fine_tuning/settlements/${settlement}/pause` }),
  'POST /v1/fine_tuning/settlements/{id}/resume': ({ settlement }) => ({ path: `/v1/fine_tuning/settlements/${settlement}/resume` }),
  'GET /v1/policy': () => ({ path: '/v1/policy' }),
  'PUT /v1/policy': () => ({ path: '/v1/policy', body: { max_terms: 8 } }),
  'DELETE /v1/policy': () => ({ path: '/v1/policy' }),
  'POST /v1/gc': () => ({ path: '/v1/gc', body: { dry_run: true } }),
  'GET /v1/usage': ({ route }) => ({ path: `/v1/usage?route=${route}` }),
  'GET /v1/metrics': () => ({ path: '/v1/metrics' }),
  'GET /v1/runners': () => ({ path: '/v1/runners' }),
  'GET /v1/keys': ({ key }) => ({ path: `/v1/keys?after=${key}` }),
  'POST /v1/keys': () => ({ path: '/v1/keys', body: { role: 'caller' } }),
  'GET /v1/keys/{id}': ({ key }) => ({ path: `/v1/keys/${key}` }),
  'DELETE /v1/keys/{id}': ({ key }) => ({ path: `/v1/keys/${key}` }),
  'POST /v1/keys/{id}/rotate': ({ key }) => ({ path: `/v1/keys/${key}/rotate`, body: {} }),
  'GET /v1/audit': () => ({ path: '/v1/audit' }),
  'GET /v1/shares': () => ({ path: '/v1/shares' }),
  'PUT /v1/shares': ({ prefix }) => ({ path: '/v1/shares', body: { prefix, reader: 'friend' } }),
  'DELETE /v1/shares': ({ prefix }) => ({ path: `/v1/shares?prefix=${prefix}&reader=friend` }),
})
