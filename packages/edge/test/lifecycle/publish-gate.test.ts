import { env } from 'cloudflare:workers'
import { floatTensor } from '@weft/adapters'
import type { FineTuningJob, PublishConfig, TrainingSpec } from '@weft/protocol'
import { expect, test } from 'vitest'
import { publishAdapter } from '../../src/adapters/publish.ts'
import { newJobState } from '../../src/jobs/job-state.ts'
import { tick } from '../../src/jobs/tick.ts'
import { tokens } from '../../src/tokens.ts'
import { deployed } from '../deployed.ts'
import { adapterFile, edge, json, model, refusal, script, seen, until } from '../edge.ts'
import { labelled, spoken, upload } from '../jobs/job-steps.ts'
import type { Step } from '../scripted-runner.test.server.ts'

const head = { head: { weight: floatTensor([2, 4], new Float32Array(8).fill(1)) } }
const classifier = (value: number) => adapterFile({ value, state: head, task: 'SEQ_CLS', labels: ['ham', 'spam'] })
const held: Step = { on: 'PUT /compositions', json: {}, times: 0 }
/** What the runner says of the two rows, `spam` and `ham` by right. */
const says = (...labels: string[]): Step => ({
  on: 'POST /classify',
  json: { results: labels.map((label) => ({ label, scores: { ham: label === 'ham' ? 1 : 0, spam: label === 'spam' ? 1 : 0 } })) },
})
const gated = (publish: PublishConfig) => deployed({ publish })
const current = async (name: string) => (await json(edge(`/v1/adapters/${name}`))).id

test('a version that is not good enough is a candidate: under its version, and not under the bare name', async () => {
  await script()
  const file = await upload(labelled)
  const { publish, ask } = gated({ names: ['gate/a'], evaluate: { file, metric: 'accuracy', atLeast: 0.75, notWorseThan: 'previous' } })
  await script(held, says('spam', 'spam'))
  expect(await publish('gate/a', await classifier(1))).toMatchObject({
    http: 201,
    id: 'gate/a@1',
    candidate: true,
    aliases: [],
    gate: { status: 'failed', checks: [{ metric: 'accuracy', file, rows: 2, value: 0.5, bound: 'at least 0.75, not worse than the previous', passed: false }] },
  })
  expect(await json(edge('/v1/adapters/gate/a'))).toMatchObject({
    http: 404,
    error: { code: 'adapter_version_not_found', message: expect.stringContaining('gate/a@1') },
  })
  expect(await json(edge('/v1/adapters/gate/a@1'))).toMatchObject({ http: 200, candidate: true })
  expect(await ask('/v1/adapters/gate/a/rollback', { method: 'POST', body: '{"to": 1}' })).toMatchObject({ http: 409, error: { code: 'candidate_not_latest' } })

  await script(held, says('spam', 'ham'))
  expect(await publish('gate/a', await classifier(2))).toMatchObject({ id: 'gate/a@2', aliases: ['latest'], gate: { status: 'passed' } })
  // The one before is measured on the same rows.
  await script(held, says('ham', 'spam'), says('spam', 'ham'))
  expect(await publish('gate/a', await classifier(3))).toMatchObject({
    candidate: true,
    gate: { checks: [{ value: 0, bound: 'at least 0.75, not worse than gate/a@2 (1)' }] },
  })
  expect(await current('gate/a')).toBe('gate/a@2')
  await script()
  expect(await publish('free/b', await adapterFile())).toMatchObject({ http: 201, aliases: ['latest'] })
})

test('no answer from a runner leaves a version pending; it is measured again when asked, and a rollback since then stands', async () => {
  await script()
  const file = await upload(spoken)
  const { publish, ask } = gated([{ names: ['gate/b'], evaluate: { file, metric: 'loss', atMost: 2 } }])
  const scored = (logprob: number): Step => ({ on: 'POST /score', times: 0, json: { results: [1, 2].map(() => ({ tokens: 3, logprob, perplexity: 2 })) } })
  await script(refusal(503, 'runner_unavailable', 'POST /score'))
  expect(await publish('gate/b', await adapterFile({ value: 1 }))).toMatchObject({
    candidate: true,
    gate: { status: 'pending', checks: [{ value: null, reason: expect.stringContaining('runner_unavailable') }] },
  })
  await script(held, scored(-3))
  const again = await ask('/v1/adapters/gate/b@1/gate', { method: 'POST' })
  expect(again).toMatchObject({ http: 200, aliases: ['latest'], gate: { status: 'passed', checks: [{ value: 1 }] } })
  expect(again.candidate).toBeUndefined()
  await publish('gate/b', await adapterFile({ value: 2 }))
  await script(held, scored(-30))
  expect(await publish('gate/b', await adapterFile({ value: 3 }))).toMatchObject({ candidate: true, gate: { checks: [{ value: 10, bound: 'at most 2' }] } })
  expect(await ask('/v1/adapters/gate/b/rollback', { method: 'POST', body: '{}' })).toMatchObject({ version: 1, previous: 2 })
  await new Promise((resolve) => setTimeout(resolve, 1100))
  expect(await ask('/v1/adapters/gate/b/rollback', { method: 'POST', body: '{"to": 1}' })).toMatchObject({ version: 1 })
  await script(held, scored(-3))
  expect(await ask('/v1/adapters/gate/b@3/gate', { method: 'POST' })).toMatchObject({ gate: { status: 'passed' }, aliases: [] })
  expect(await current('gate/b')).toBe('gate/b@1')
})

test("what measuring a candidate reads is in its tenant's usage, as of a gate", async () => {
  await script()
  const file = await upload(spoken)
  const { publish } = gated([{ names: ['gate/paid'], evaluate: { file, metric: 'loss', atMost: 2 } }])
  const ofGates = async () =>
    (await json(edge('/v1/usage'))).data.find(({ kind }: { kind: string }) => kind === 'gate') ?? { requests: 0, failed: 0, prompt_tokens: 0 }
  const before = await ofGates()
  const results = [1, 2].map(() => ({ tokens: 3, logprob: -3, perplexity: 2 }))
  await script(held, { on: 'POST /score', json: { results, usage: { prompt_tokens: 8, completion_tokens: 0, total_tokens: 8 } } })
  expect(await publish('gate/paid', await adapterFile({ value: 5 }))).toMatchObject({ http: 201, gate: { status: 'passed' } })
  expect(await ofGates()).toMatchObject({ route: null, requests: before.requests + 1, failed: before.failed, prompt_tokens: before.prompt_tokens + 8 })
})

test('a file over the size is refused at once; rows that do not fit the metric, and a file that is not there, are told', async () => {
  await script()
  const file = await upload(spoken)
  const { publish, ask } = gated([
    { names: ['gate/c'], maxBytes: 100 },
    { names: ['gate/d'], evaluate: { file, metric: 'accuracy', atLeast: 0.5 } },
    { names: ['gate/e'], evaluate: { file: 'file-gone', metric: 'loss', atMost: 5 } },
  ])
  expect(await publish('gate/c', await adapterFile())).toMatchObject({ http: 413, error: { code: 'adapter_too_large' } })
  expect(await ask('/v1/adapters/gate/c')).toMatchObject({ http: 404 })
  expect(await publish('gate/d', await classifier(4))).toMatchObject({
    candidate: true,
    gate: { status: 'failed', checks: [{ reason: expect.stringContaining('gate_rows_unfit') }] },
  })
  expect(await publish('gate/e', await adapterFile())).toMatchObject({
    candidate: true,
    gate: { checks: [{ reason: expect.stringContaining('file_not_found') }] },
  })
  const { kept } = await ask('/v1/gc', { method: 'POST', body: JSON.stringify({ dry_run: true, grace_seconds: 0 }) })
  expect(kept.find(({ id }: { id: string }) => id === file).because).toContain('the publish gate evaluates on it')
})

test('what a job publishes waits for a runner, and is measured as any other', async () => {
  await script()
  const file = await upload(labelled)
  const { container } = gated({ names: ['gate/job'], evaluate: { file, metric: 'accuracy', atLeast: 1 } })
  const supervision = container.get(tokens.supervise)('default')
  const upload1 = { name: 'gate/job', bytes: await classifier(5), models: [model], jobId: 'ftjob-gate' }
  const published = await publishAdapter(supervision, upload1)
  expect(published.candidate).toBe(true)
  const caller = { signal: AbortSignal.timeout(5000), until: Date.now() + 5000 }
  await script(refusal(503, 'runner_unavailable', 'POST /classify'))
  await expect(supervision.gate.run(supervision, published, caller, { waits: true })).rejects.toMatchObject({ status: 503 })
  await script(held, says('spam', 'ham'))
  // Its last step is repeated: the same version, which passes now.
  const repeated = await publishAdapter(supervision, upload1)
  expect(repeated).toMatchObject({ version: published.version, candidate: true })
  expect(await supervision.gate.run(supervision, repeated, caller, { waits: true })).toMatchObject({ candidate: false })
  expect(await current('gate/job')).toBe('gate/job@1')
})

test('whoever leaves while a version is measured, and asks again with the same idempotency key, has it published once', async () => {
  await script()
  const file = await upload(spoken)
  const { ask } = gated([{ names: ['gate/left'], evaluate: { file, metric: 'loss', atMost: 2 } }])
  const body = (await adapterFile({ value: 1 })) as Uint8Array<ArrayBuffer>
  const publish = (signal?: AbortSignal) =>
    ask('/v1/adapters?name=gate/left', { method: 'POST', body, headers: { 'idempotency-key': 'gate-left' }, ...(signal && { signal }) })
  await script(held, { on: 'POST /score', then: 'hang', times: 0 })
  const leaving = new AbortController()
  const first = publish(leaving.signal)
  await until(async () => (await seen()).some(({ path }) => path === '/score'))
  leaving.abort()
  await first.catch(() => {})
  const again = await until(async () => {
    const answer = await publish()
    return answer.error?.code !== 'idempotency_key_in_use' && answer
  })
  expect(again).toMatchObject({ http: 201, id: 'gate/left@1', candidate: true, gate: { status: 'pending' } })
  expect((await json(edge('/v1/adapters/gate/left/versions'))).data).toHaveLength(1)
})

test('what is worse by exactly the tolerance is taken', async () => {
  await script()
  const rows = Array.from({ length: 10 }, (_, at) => JSON.stringify({ text: `letter ${at}`, label: 'spam' })).join('\n')
  const file = await upload(rows)
  const { publish } = gated({ names: ['gate/edge'], evaluate: { file, metric: 'accuracy', notWorseThan: 'previous', tolerance: 0.1 } })
  const right = (count: number) => says(...Array.from({ length: 10 }, (_, at) => (at < count ? 'spam' : 'ham')))
  await script(held, right(8))
  expect(await publish('gate/edge', await classifier(11))).toMatchObject({ id: 'gate/edge@1', gate: { status: 'passed' } })
  // 0.8 - 0.7 is a little more than 0.1 in floating point.
  await script(held, right(7), right(8))
  expect(await publish('gate/edge', await classifier(12))).toMatchObject({
    id: 'gate/edge@2',
    aliases: ['latest'],
    gate: { checks: [{ value: 0.7, passed: true }] },
  })
  await script(held, right(5), right(7))
  expect(await publish('gate/edge', await classifier(13))).toMatchObject({ candidate: true, gate: { checks: [{ value: 0.5, passed: false }] } })
})

test('a version that another measurement has settled meanwhile is told as it is', async () => {
  await script()
  const file = await upload(labelled)
  const { publish, container, ask } = gated({ names: ['gate/both'], evaluate: { file, metric: 'accuracy', atLeast: 1 } })
  await script(refusal(503, 'runner_unavailable', 'POST /classify'))
  expect(await publish('gate/both', await classifier(14))).toMatchObject({ candidate: true, gate: { status: 'pending' } })
  const { gate, names, ...rest } = container.get(tokens.supervise)('default')
  const candidate = (await names.find('gate/both', 1))!
  await script(held, says('spam', 'ham'))
  expect(await ask('/v1/adapters/gate/both@1/gate', { method: 'POST' })).toMatchObject({ gate: { status: 'passed' } })
  await script(held, says('spam', 'spam'))
  const caller = { signal: AbortSignal.timeout(5000), until: Date.now() + 5000 }
  expect(await gate.run({ ...rest, names }, candidate, caller)).toMatchObject({ candidate: false, gate: { status: 'passed' } })
})

test('measuring that takes too long leaves what a job publishes pending: it would take as long again', async () => {
  await script()
  const file = await upload(labelled)
  const { container } = gated({ names: ['gate/slow'], evaluate: { file, metric: 'accuracy', atLeast: 1 } })
  const supervision = container.get(tokens.supervise)('default')
  const published = await publishAdapter(supervision, { name: 'gate/slow', bytes: await classifier(15), models: [model], jobId: 'ftjob-slow' })
  await script(held, { on: 'POST /classify', then: 'hang', times: 0 })
  const caller = { signal: AbortSignal.timeout(500), until: Date.now() + 500 }
  expect(await supervision.gate.run(supervision, published, caller, { waits: true })).toMatchObject({
    candidate: true,
    gate: { status: 'pending', checks: [{ value: null, passed: false, reason: expect.stringContaining('gate_too_long') }] },
  })
})

test('a runner that is full is waited for as one that is away: the job whose version is measured goes on', async () => {
  await script()
  const file = await upload(labelled)
  const { container } = gated({ names: ['gate/full'], evaluate: { file, metric: 'accuracy', atLeast: 1 } })
  const supervision = container.get(tokens.supervise)('default')
  await publishAdapter(supervision, { name: 'gate/full', bytes: await classifier(16), models: [model], jobId: 'ftjob-full' })
  const job = { id: 'ftjob-full', suffix: 'gate/full', status: 'running' } as FineTuningJob
  const state = newJobState({ job, spec: {} as TrainingSpec })
  const supervised = { state, save: async () => {}, log: () => {}, mirror: () => {}, metrics: async function* () {} }
  await script(held, refusal(429, 'too_many_waiting', 'POST /classify'))
  expect(await tick(supervision, supervised)).toBeGreaterThan(0)
  expect(job).toMatchObject({ status: 'running', waits: { code: 'too_many_waiting' } })
  await script(held, says('spam', 'ham'))
  await tick(supervision, supervised)
  expect(job).toMatchObject({ status: 'succeeded', fineTunedModel: 'gate/full@1' })
  expect(await current('gate/full')).toBe('gate/full@1')
})

test('whoever asks again for a version over whose measurement the edge was killed has it measured, and published once', async () => {
  await script()
  const file = await upload(spoken)
  const { ask } = gated([{ names: ['gate/killed'], evaluate: { file, metric: 'loss', atMost: 2 } }])
  const body = (await adapterFile({ value: 1 })) as Uint8Array<ArrayBuffer>
  const publish = () => ask('/v1/adapters?name=gate/killed', { method: 'POST', body, headers: { 'idempotency-key': 'gate-killed' } })
  const scored: Step = { on: 'POST /score', times: 0, json: { results: [1, 2].map(() => ({ tokens: 3, logprob: -3, perplexity: 2 })) } }
  await script(held, scored)
  expect(await publish()).toMatchObject({ http: 201, gate: { status: 'passed' } })
  // As the edge leaves it when it is killed in between.
  await env.DB.prepare("UPDATE adapter_versions SET candidate = 1, gate = NULL WHERE name = 'gate/killed'").run()
  await env.DB.prepare("DELETE FROM idempotency_keys WHERE key = 'gate-killed'").run()
  expect(await publish()).toMatchObject({ http: 201, id: 'gate/killed@1', aliases: ['latest'], gate: { status: 'passed' } })
  expect((await json(edge('/v1/adapters/gate/killed/versions'))).data).toHaveLength(1)
})
