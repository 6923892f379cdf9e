import { AsyncLocalStorage } from 'node:async_hooks'
import { newSigningKey } from '@weft/adapters'
import { type Role, roles } from '@weft/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { permissions } from '../../src/auth/permissions.ts'
import type { OpenStores, TenantStores } from '../../src/stores/tenant-stores.ts'
import { tokens } from '../../src/tokens.ts'
import { deployment } from '../../test/deployment.ts'
import { type Step, startScriptedRunner } from '../../test/scripted-runner.test.server.ts'
import { adapterFile, healthy } from '../../test/tiny-model.ts'
import { memoryRoot } from '../memory-composition-root.ts'
import { asks, type Held } from './asks.ts'
import { holdings, type Made } from './holdings.ts'

/** Every endpoint × every role × whose it is: one's own, another tenant's, nobody's. Made from the table of roles. */

const context = { waitUntil: (work: Promise<unknown>) => void work.catch(() => {}), passThroughOnException: () => {}, props: {} }
const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }
const steps: Step[] = [
  { on: 'POST /generate', json: { text: 'b', tokens: [1], finish_reason: 'stop', usage }, times: 0 },
  { on: 'POST /classify', json: { results: Array(24).fill({ label: 'spam', scores: { spam: 0.75, ham: 0.25 } }) }, times: 0 },
  { on: 'POST /score', json: { results: [{ tokens: 1, logprob: -1, perplexity: 2 }] }, times: 0 },
  { on: 'POST /embed', json: { results: [{ embedding: [3, 4] }], usage }, times: 0 },
  // What a job's runner says does not matter here: a job that is created waits.
  { on: 'POST /jobs/', status: 503, json: { error: { code: 'runner_unavailable', message: 'busy' } }, times: 0 },
  { on: 'GET /metrics', json: {}, times: 0 },
  { on: 'DELETE /jobs/', json: {}, times: 0 },
  healthy(),
]

let runner: Awaited<ReturnType<typeof startScriptedRunner>>
let root: ReturnType<typeof memoryRoot>
/** What a request asks the stores, and not what goes on beside it. */
const asking = new AsyncLocalStorage<string[]>()
/** Keys of a tenant, by role. */
const secrets = new Map<string, string>()
const files: Uint8Array<ArrayBuffer>[] = []
const shared = new Map<string, Held>()
let foreign: Held
let absent: Held

/** Every call to a store, in order: what takes the same calls takes the same time. */
const recorded = (open: OpenStores): OpenStores => {
  const watch = <T extends object>(store: T, name: string): T =>
    new Proxy(store, {
      get: (target, method) => {
        const value = Reflect.get(target, method)
        if (typeof value !== 'function') return value
        return (...given: unknown[]) => {
          asking.getStore()?.push(`${name}.${String(method)}`)
          return Reflect.apply(value, target, given)
        }
      },
    })
  return (tenant) => {
    const stores = open(tenant)
    return Object.fromEntries(
      Object.entries(stores).map(([name, store]) => [name, store !== null && typeof store === 'object' ? watch(store, `${tenant} ${name}`) : store]),
    ) as unknown as TenantStores
  }
}

interface Answer {
  status: number
  text: string
}

async function ask(secret: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const raw = body === undefined || body instanceof FormData || body instanceof Uint8Array ? (body as BodyInit | undefined) : JSON.stringify(body)
  const request = new Request(`http://edge${path}`, {
    method,
    headers: { authorization: `Bearer ${secret}`, 'x-request-id': 'asked', ...headers },
    ...(raw === undefined ? {} : { body: raw }),
  })
  const response = await root.container.get(tokens.app).fetch(request, {}, context)
  return { status: response.status, text: await response.text() }
}

/** Works on a tenant, as the operator does. */
async function make(tenant: string, method: string, path: string, body?: unknown): Promise<Made> {
  const { status, text } = await ask('weft-local', method, path, body, { 'x-weft-tenant': tenant })
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`)
  return JSON.parse(text)
}

const { heldBy, settledBy } = holdings(make)

/** A tenant with a key of every role, which holds something of its own. */
async function asker(tenant: string): Promise<void> {
  await heldBy(tenant, 'own', 'melody', 'opinion')
  for (const role of roles) secrets.set(`${tenant} ${role}`, (await make(tenant, 'POST', '/v1/keys', { role })).secret)
}

const shuffled = (id: string): string => id.replace(/(?<=[-_:])[a-z0-9]+$/i, (random) => [...random].map((char) => (/\d/.test(char) ? '7' : 'q')).join(''))

beforeAll(async () => {
  runner = await startScriptedRunner()
  await fetch(`${runner.url}/script`, { method: 'PUT', body: JSON.stringify(steps) })
  const others = ['quokka', 'beta', 'maker', 'guesser', ...endpoints.map((_, at) => `owner-${at}`)]
  root = memoryRoot({ ...deployment, tenants: { ...deployment.tenants, ...Object.fromEntries(others.map((tenant) => [tenant, {}])) } }, runner.url)
  const open = root.container.get(tokens.openStores)
  root.container.rebind(tokens.openStores).toConstantValue(recorded(open))
  // Nothing goes on in the background: jobs and batches are created, and nobody wakes them.
  for (const token of [tokens.sendJob, tokens.sendBatch]) root.container.rebind(token).toConstantValue(async () => {})
  const [jobs, batches] = [root.container.get(tokens.allJobs), root.container.get(tokens.allBatches)]
  root.container.rebind(tokens.allJobs).toConstantValue({ ...jobs, unfinished: async () => [] })
  root.container.rebind(tokens.allBatches).toConstantValue({ ...batches, unfinished: async () => [] })
  foreign = await settledBy('quokka', await heldBy('quokka', 'canary', 'hidden', 'verdict'))
  await asker('beta')
  // What makes something under a name that is asked for makes it here, or the name would be there for the next.
  await asker('maker')
  secrets.set('guesser admin', (await make('guesser', 'POST', '/v1/keys', { role: 'admin' })).secret)
  shared.set('reader', await settledBy('reader', await heldBy('reader', 'mine', 'melody', 'opinion')))
  absent = {
    ...{
      adapter: 'absent/nobody',
      sibling: 'absent/nobody-else',
      classifier: 'absent/no-one',
      route: 'absent-route',
      prefix: 'absent/',
      digest: foreign.digest.replace(/[0-9a-f]{8}$/, '00000000'),
    },
    ...{ file: shuffled(foreign.file), batchFile: shuffled(foreign.batchFile), job: shuffled(foreign.job), batch: shuffled(foreign.batch) },
    settlement: shuffled(foreign.settlement!),
    ...{ response: shuffled(foreign.response), key: shuffled(foreign.key).replaceAll('7', '5'), signingKey: (await newSigningKey()).keyId },
  }
  files.push(await adapterFile({ value: 0.77 }))
}, 60_000)
afterAll(() => runner.stop())

/** An answer without what differs between any two: what was asked for, times and fresh ids. */
const comparable = ({ status, text }: Answer, asked: Held): string => {
  let said = text
  for (const [what, value] of Object.entries(asked).sort(([, a], [, b]) => b.length - a.length))
    for (const spelled of [value, encodeURIComponent(value)]) said = said.replaceAll(spelled, `<${what}>`)
  return `${status} ${said
    .replace(/"(created_at|id|secret|fine_tuning_job_id|version|digest|etag|updated_at|completed_at)":("[^"]*"|\d+)/g, '"$1":_')
    .replace(/(own\/secret|canary|absent)@\d+/g, '$1@_')
    .replace(/resp_\w+|msg_\w+|cmpl-\w+/g, '_')}`
}

const endpoints = Object.keys(permissions)
/** Without a publish gate there is no candidate to measure. */
const changesNothingHere = new Set(['POST /v1/adapters/{id}/gate'])
const templates = () => asks(files[0]!)

test('every endpoint is asked', () => expect(Object.keys(templates()).toSorted()).toEqual(endpoints.toSorted()))

/** What is said of another tenant where no name was given. */
const mustNotSay = (): string[] => [
  foreign.adapter,
  foreign.classifier,
  foreign.route,
  foreign.file,
  foreign.batchFile,
  foreign.job,
  foreign.settlement!,
  foreign.batch,
  foreign.response,
  foreign.key,
  foreign.signingKey,
  foreign.digest,
  'canary',
  'quokka',
]

test.each(endpoints)('%s: what is another tenant’s is as if it were not there', async (endpoint) => {
  const [method] = endpoint.split(' ') as [string]
  const template = templates()[endpoint]!
  const created = endpoint === 'POST /v1/adapters' || endpoint === 'PUT /v1/signing_keys/{id}' || endpoint === 'PUT /v1/shares'
  for (const role of roles) {
    const secret = secrets.get(`${created ? 'maker' : 'beta'} ${role}`)!
    const calls: string[][] = []
    const answers: string[] = []
    for (const asked of [foreign, absent]) {
      const { path, body } = template(asked)
      const seen: string[] = []
      const answer = await asking.run(seen, () => ask(secret, method, path, body))
      calls.push(seen)
      answers.push(comparable(answer, asked))
      const beyond = mustNotSay().filter(
        (word) => !`${decodeURIComponent(path)} ${body instanceof FormData || body instanceof Uint8Array ? '' : JSON.stringify(body)}`.includes(word),
      )
      for (const word of beyond) expect(answer.text, `${role} ${word}`).not.toContain(word)
      expect(
        seen.filter((call) => call.startsWith('quokka ')),
        `${role} reaches another's stores`,
      ).toEqual([])
    }
    expect(answers[0], role).toBe(answers[1])
    expect(calls[0], role).toEqual(calls[1])
    const refused = answers[0]!.startsWith('403') && answers[0]!.includes('role_forbidden')
    expect(refused, `${role}: ${answers[0]}`).toBe(!permissions[endpoint]!.roles.includes(role))
    // Nothing was looked up for whom the endpoint is not.
    if (refused) expect(calls[0]).toEqual([])
    else if (!created && /\{/.test(endpoint)) expect(answers[0], role).toMatch(/^(404|400|403)/)
  }
})

test('a page that begins behind what is another tenant’s, or nobody’s, is refused with the parameter, and not empty', async () => {
  const { paths } = JSON.parse((await ask('weft-local', 'GET', '/openapi.json')).text) as {
    paths: Record<string, { get?: { parameters?: { name: string }[] } }>
  }
  const listings = Object.keys(paths).filter((path) => paths[path]!.get?.parameters?.some(({ name }) => name === 'after'))
  expect(listings.length).toBeGreaterThanOrEqual(7)
  const own = shared.get('reader')!
  const { secret } = await make('reader', 'POST', '/v1/keys', { role: 'admin' })
  for (const listing of listings) {
    const path = templates()[`GET ${listing}`]!(own).path.split('?')[0]!
    expect((await ask(secret, 'GET', path)).status, path).toBe(200)
    for (const after of ['nothing', 'audit-9999', 'audit-0', 'ftevent-9999', 'ftevent-0', foreign.file, foreign.job, foreign.batch, foreign.key]) {
      const { status, text } = await ask(secret, 'GET', `${path}?after=${after}`)
      expect({ status, param: JSON.parse(text).error?.param }, `${path} ${after}`).toEqual({ status: 400, param: 'after' })
    }
  }
})

test.each(endpoints)('%s: a suggestion never names what is another tenant’s', async (endpoint) => {
  const [method] = endpoint.split(' ') as [string]
  const near: Held = { ...absent, adapter: 'canary/hidde', classifier: 'canary/verdic', route: 'canary-rout', prefix: 'canar/' }
  const { path, body } = templates()[endpoint]!(near)
  const { text } = await ask(secrets.get('guesser admin')!, method, path, body)
  for (const whole of [foreign.adapter, foreign.classifier, foreign.route]) expect(text).not.toContain(whole)
})

test.each(endpoints)('%s: whoever may, can, with what is theirs; and a change is in the audit log', async (endpoint) => {
  const [method] = endpoint.split(' ') as [string]
  const { roles: allowed, changes } = permissions[endpoint]!
  const tenant = changes ? `owner-${endpoints.indexOf(endpoint)}` : 'reader'
  const held = changes ? await heldBy(tenant, 'mine', 'melody', 'opinion') : shared.get('reader')!
  const own = changes && endpoint.includes('/settlements/{id}') ? await settledBy(tenant, held) : held
  // A job is resumed once it is paused; a policy is deleted once there is one, and both are the operator's.
  if (endpoint.endsWith('/resume')) await make(tenant, 'POST', templates()[endpoint.replace(/resume$/, 'pause')]!(own).path)
  if (endpoint === 'DELETE /v1/policy') await make(tenant, 'PUT', '/v1/policy', {})
  // An adapter is deleted once no route uses it, and no batch may ask for it.
  if (endpoint.startsWith('DELETE /v1/models') || endpoint.startsWith('DELETE /v1/adapters/{id}')) {
    await make(tenant, 'DELETE', `/v1/routes/${own.route}`)
    await make(tenant, 'POST', `/v1/batches/${own.batch}/cancel`)
    while ((await make(tenant, 'GET', `/v1/batches/${own.batch}`)).status !== 'cancelled') await new Promise((resolve) => setTimeout(resolve, 10))
  }
  const { operator = false } = permissions[endpoint]!
  const role = allowed.at(-1) as Role
  const secret = operator ? 'weft-local' : (await make(tenant, 'POST', '/v1/keys', { role })).secret
  const { path, body } = endpoint === 'POST /v1/gc' ? { path: '/v1/gc', body: { grace_seconds: 0, keep: 1 } } : templates()[endpoint]!(own)
  const before = JSON.parse((await ask('weft-local', 'GET', '/v1/audit', undefined, { 'x-weft-tenant': tenant })).text).data.length
  const answer = await ask(secret, method, path, body, operator ? { 'x-weft-tenant': tenant } : {})
  expect(answer.status, answer.text).toBeLessThan(300)
  const { data } = JSON.parse((await ask('weft-local', 'GET', '/v1/audit', undefined, { 'x-weft-tenant': tenant })).text)
  const entries = data.slice(0, data.length - before).filter(({ request_id }: { request_id: string }) => request_id === 'asked')
  expect(entries.length > 0, JSON.stringify(entries)).toBe(changes && !changesNothingHere.has(endpoint))
})
