import { type Role, roles } from '@weft/protocol'

/** Who may ask an endpoint, and whether asking it changes anything, which the audit log then has. */
export interface Permission {
  readonly roles: readonly Role[]
  readonly changes: boolean
  /** Whether it works on all that a tenant has, so that a key with scopes may not ask it. */
  readonly wholeTenant?: boolean
  /** Whether it is for the operator of the deployment alone: a key that may act on any tenant. */
  readonly operator?: boolean
}

const of = (...allowed: Role[]): Permission => ({ roles: allowed, changes: false })
const change = (...allowed: Role[]): Permission => ({ roles: allowed, changes: true })
const whole = (permission: Permission): Permission => ({ ...permission, wholeTenant: true })
const operator = (permission: Permission): Permission => ({ ...permission, operator: true })
const everyone = of(...roles)
const readers = of('admin', 'publisher', 'trainer')

/**
 * Every endpoint that asks for a key: the one place that says which role may do what. Whatever is not here is answered to nobody. The document's
 * `security`, the table in docs/operating/tenants.md and the tests are made from it.
 */
export const permissions: Readonly<Record<string, Permission>> = {
  'GET /v1/models': everyone,
  'GET /v1/models/{model}': everyone,
  'DELETE /v1/models/{model}': change('admin', 'publisher'),
  'GET /v1/methods': everyone,
  'POST /v1/completions': everyone,
  'POST /v1/chat/completions': everyone,
  'POST /v1/classify': everyone,
  'POST /v1/score': everyone,
  'POST /v1/embeddings': everyone,
  'POST /v1/compositions/explain': everyone,
  'POST /v1/calibrations': change('admin', 'publisher'),
  'GET /v1/adapters': readers,
  'GET /v1/adapters/{id}': readers,
  'GET /v1/adapters/{name}/diff': readers,
  'GET /v1/adapters/{name}/versions': readers,
  'GET /v1/adapters/{id}/content': readers,
  // They are of training data, which publishers and trainers have.
  'GET /v1/adapters/{id}/probes': readers,
  'PUT /v1/adapters/{id}/probes': change('admin', 'publisher', 'trainer'),
  'DELETE /v1/adapters/{id}/probes': change('admin', 'publisher', 'trainer'),
  'GET /v1/adapters/{name}/aliases': readers,
  'GET /v1/adapters/{name}/aliases/{alias}': readers,
  'PUT /v1/adapters/{name}/aliases/{alias}': change('admin', 'publisher'),
  'DELETE /v1/adapters/{name}/aliases/{alias}': change('admin', 'publisher'),
  'POST /v1/adapters/{name}/rollback': change('admin', 'publisher'),
  'POST /v1/adapters/{id}/gate': change('admin', 'publisher'),
  'GET /v1/signing_keys': readers,
  'PUT /v1/signing_keys/{id}': whole(change('admin')),
  'DELETE /v1/signing_keys/{id}': whole(change('admin')),
  'POST /v1/adapters': change('admin', 'publisher'),
  'DELETE /v1/adapters/{id}': change('admin', 'publisher'),
  'GET /v1/routes': everyone,
  'GET /v1/routes/{name}': everyone,
  'GET /v1/routes/{name}/versions': everyone,
  'GET /v1/routes/{name}/metrics': readers,
  'POST /v1/routes/{name}/rollback': change('admin', 'publisher'),
  'PUT /v1/routes/{name}': change('admin', 'publisher'),
  'DELETE /v1/routes/{name}': change('admin', 'publisher'),
  'POST /v1/responses': everyone,
  'GET /v1/responses/{response_id}': everyone,
  'GET /v1/responses/{response_id}/input_items': everyone,
  'DELETE /v1/responses/{response_id}': change(...roles),
  'GET /v1/batches': everyone,
  'GET /v1/metrics': operator(of('admin')),
  'GET /v1/runners': operator(of('admin')),
  'POST /v1/batches': change(...roles),
  'GET /v1/batches/{id}': everyone,
  'POST /v1/batches/{id}/cancel': change(...roles),
  // Whoever is not to train sees the files of batches alone.
  'GET /v1/files': everyone,
  'POST /v1/files': change(...roles),
  'GET /v1/files/{id}': everyone,
  'GET /v1/files/{id}/content': everyone,
  'DELETE /v1/files/{id}': change(...roles),
  'GET /v1/fine_tuning/jobs': of('admin', 'trainer'),
  'POST /v1/fine_tuning/jobs': change('admin', 'trainer'),
  'GET /v1/fine_tuning/jobs/{id}': of('admin', 'trainer'),
  'POST /v1/fine_tuning/jobs/{id}/cancel': change('admin', 'trainer'),
  'POST /v1/fine_tuning/jobs/{id}/pause': change('admin', 'trainer'),
  'POST /v1/fine_tuning/jobs/{id}/resume': change('admin', 'trainer'),
  'GET /v1/fine_tuning/jobs/{id}/events': of('admin', 'trainer'),
  'GET /v1/fine_tuning/jobs/{id}/checkpoints': of('admin', 'trainer'),
  'GET /v1/executors': everyone,
  'POST /v1/fine_tuning/settlements': change('admin', 'trainer'),
  'GET /v1/fine_tuning/settlements/{id}': of('admin', 'trainer'),
  'POST /v1/fine_tuning/settlements/{id}/cancel': change('admin', 'trainer'),
  'POST /v1/fine_tuning/settlements/{id}/pause': change('admin', 'trainer'),
  'POST /v1/fine_tuning/settlements/{id}/resume': change('admin', 'trainer'),
  'GET /v1/policy': everyone,
  'PUT /v1/policy': operator(change('admin')),
  'DELETE /v1/policy': operator(change('admin')),
  'POST /v1/gc': whole(change('admin')),
  'GET /v1/usage': whole(of('admin')),
  'GET /v1/keys': of('admin'),
  'POST /v1/keys': change('admin'),
  'GET /v1/keys/{id}': of('admin'),
  'DELETE /v1/keys/{id}': change('admin'),
  'POST /v1/keys/{id}/rotate': change('admin'),
  'GET /v1/audit': whole(of('admin')),
  'GET /v1/shares': of('admin'),
  'PUT /v1/shares': change('admin'),
  'DELETE /v1/shares': change('admin'),
}

/** What the trainer of a job that an executor has started asks with that job's own token: no key is good there, and the token nowhere else. */
export const trainerEndpoints: ReadonlySet<string> = new Set([
  'GET /v1/trainer/jobs/{id}',
  'GET /v1/trainer/jobs/{id}/training',
  'GET /v1/trainer/jobs/{id}/validation',
  'POST /v1/trainer/jobs/{id}/reports',
  'PUT /v1/trainer/jobs/{id}/result',
])

/** Endpoints that ask for no key. */
const withoutKey: ReadonlySet<string> = new Set(['/', '/health', '/openapi.json', '/console'])

/** What anybody may ask, and tells more to whoever shows a key. */
export const tellsMore = (path: string): boolean => path === '/health'

/**
 * Whether anybody may ask it. The console's files are the same for everybody; what it shows is asked for with a key. A trainer elsewhere shows its job's own token,
 * which its endpoints look at themselves.
 */
export const needsNoKey = (path: string): boolean => withoutKey.has(path) || path.startsWith('/console/') || path.startsWith('/v1/trainer/')
