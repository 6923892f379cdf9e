import { exports } from 'cloudflare:workers'
import { WeftClient } from '@weft/client'
import type { FineTuningJobEvent } from '@weft/protocol'
import { beforeEach, expect, test } from 'vitest'
import { adapterFile, generated, script, seen, streamed, until } from '../edge.ts'

const weft = new WeftClient({ apiKey: 'weft-local', fetch: (request) => exports.default.fetch(request) })

beforeEach(() => script())

test('completes and streams; leaving the loop stops the runner', async () => {
  await script(generated(), streamed(), streamed({ gapMs: 50, then: 'hang' }))
  const { choices, usage } = await weft.completions.create({ model: 'base', prompt: 'My', maxTokens: 4 })
  expect([choices[0]!.text, usage!.totalTokens]).toEqual([' fellow citizens', 5])
  let text = ''
  for await (const chunk of weft.completions.stream({ model: 'base', prompt: 'My' })) text += chunk.choices[0]?.text ?? ''
  expect(text).toBe(' fellow citizens')
  for await (const _ of weft.chat.stream({ model: 'base', messages: [{ role: 'user', content: 'Hello' }] })) break
  await until(async () => (await seen())[2]?.aborted)
})

test('answers, streams, and keeps conversations', async () => {
  await script(generated('Hi.'), streamed())
  const first = await weft.responses.create({ model: 'base', input: 'One', maxOutputTokens: 4 })
  expect(first).toMatchObject({ status: 'completed', output: [{ content: [{ text: 'Hi.' }] }], usage: { inputTokens: 3 } })
  const types: string[] = []
  for await (const event of weft.responses.stream({ model: 'base', input: 'Two', previousResponseId: first.id })) types.push(event.type)
  expect([types[0], types.at(-1)]).toEqual(['response.created', 'response.completed'])
  expect(await weft.responses.get(first.id)).toEqual(first)
  for await (const item of weft.responses.inputItems(first.id)) expect(item).toMatchObject({ role: 'user', content: [{ text: 'One' }] })
  await weft.responses.delete(first.id)
  await expect(weft.responses.get(first.id)).rejects.toMatchObject({ code: 'response_not_found' })
})

test('scores, explains, lists models, and sees the runner', async () => {
  await script({ on: 'POST /score', json: { results: [{ tokens: 2, logprob: -3, perplexity: 4.5, token_logprobs: [-1, -2] }] } })
  expect((await weft.score({ model: 'base', input: 'a', tokenLogprobs: true })).data[0]).toMatchObject({ perplexity: 4.5, tokenLogprobs: [-1, -2] })
  expect(await weft.explain('base')).toMatchObject({ key: null, virtualTokens: { positions: 0 } })
  expect((await weft.models()).map(({ id }) => id)).toContain('base')
  expect(await weft.health()).toMatchObject({ status: 'ok', runner: { reachable: true, models: [{ name: 'base', spec: { hiddenSize: 4 } }] } })
})

test('classifies with labels as they are', async () => {
  const { floatTensor } = await import('@weft/adapters')
  const state = { head: { weight: floatTensor([2, 4], new Float32Array(8).fill(1)) } }
  await weft.adapters.publish('mail/client', await adapterFile({ state, labels: ['not_spam', 'spam'], task: 'SEQ_CLS' }))
  await script({ on: 'POST /classify', json: { results: [{ label: 'not_spam', scores: { not_spam: 0.75, spam: 0.25 } }] } })
  expect((await weft.classify({ model: 'mail/client', input: 'lunch?' })).data).toMatchObject([{ label: 'not_spam', scores: { not_spam: 0.75 } }])
})

test('publishes, finds, downloads and deletes adapters', async () => {
  const file = await adapterFile({ value: 0.61 })
  expect(await weft.adapters.publish('style/client', file)).toMatchObject({ id: 'style/client@1', virtualTokens: { rows: 2 } })
  expect((await weft.adapters.get('style/client@1')).manifest).toMatchObject({ config: { numVirtualTokens: 2 } })
  expect(await weft.adapters.download('style/client')).toEqual(file)
  expect((await weft.adapters.versions('style/client')).length).toBe(1)
  expect(await weft.adapters.list()).toEqual(expect.arrayContaining([expect.objectContaining({ id: 'style/client@1' })]))
  await weft.adapters.delete('style/client')
  await expect(weft.adapters.get('style/client')).rejects.toMatchObject({ name: 'WeftError', status: 404, code: 'adapter_not_found' })
})

test('puts and deletes routes', async () => {
  await weft.routes.put('client/route', { composition: 'base', defaults: { maxTokens: 5 } })
  expect(await weft.routes.get('client/route')).toMatchObject({ defaults: { maxTokens: 5 } })
  expect((await weft.routes.list()).map(({ name }) => name)).toContain('client/route')
  for (const late of [
    () => weft.routes.put('client/route', { composition: 'base' }, { expected: null }),
    () => weft.routes.rollback('client/route', { version: 1 }, { expected: 2 }),
    () => weft.routes.delete('client/route', { expected: 2 }),
  ])
    await expect(late()).rejects.toMatchObject({ code: 'route_moved' })
  expect(await weft.routes.rollback('client/route', { version: 1 }, { expected: 1 })).toMatchObject({ version: 2 })
  await weft.routes.delete('client/route', { expected: 2 })
  await expect(weft.routes.get('client/route')).rejects.toMatchObject({ code: 'route_not_found' })
})

test('trains: uploads, waits, and sees every event once', async () => {
  const file = await weft.files.upload({ content: '{"text": "a"}\n', filename: 'a.jsonl' })
  expect((await weft.files.get(file.id)).filename).toBe('a.jsonl')
  const steps = [1, 2, 3].map((seq) => ({
    seq,
    level: 'info',
    type: 'metrics',
    message: `step ${seq}`,
    data: { step: seq, train_loss: 3 - seq },
    created_at: 1,
  }))
  const report = { id: 'x', status: 'running', step: 3, total_steps: 3, loss: 1, eval_loss: null, eta_s: 0, checkpoint_step: null, events: steps }
  const failed = { ...report, status: 'failed', events: [], error: { code: 'loss_not_finite', message: 'NaN' } }
  await script({ on: 'POST /jobs/', status: 202, json: {} }, { on: 'GET /jobs/', json: report }, { on: 'GET /jobs/', json: failed })
  const job = await weft.jobs.create({
    model: 'base',
    trainingFile: file.id,
    suffix: 'style/waited',
    method: { type: 'prompt-tuning', 'prompt-tuning': { numVirtualTokens: 2 } },
    hyperparameters: { maxSteps: 3 },
  })
  const events: FineTuningJobEvent[] = []
  const done = await weft.jobs.wait(job.id, { onEvent: (event) => events.push(event) })
  expect(done).toMatchObject({ status: 'failed', error: { code: 'loss_not_finite' } })
  expect(events.filter(({ type }) => type === 'metrics').map(({ data }) => data)).toEqual(
    steps.map(({ data }) => ({ step: data.step, trainLoss: data.train_loss })),
  )
  expect((await weft.jobs.list()).data.map(({ id }) => id)).toContain(job.id)
  expect((await weft.jobs.events(job.id, { limit: 1 })).data[0]!.message).toBe('Failed: NaN')
})

test('an answer that fails after it has begun is thrown', async () => {
  const late = new WeftClient({ fetch: async () => new Response('\n\n{"error": {"code": "deadline_exceeded", "message": "late"}}') })
  await expect(late.completions.create({ model: 'base', prompt: 'a' })).rejects.toMatchObject({ name: 'WeftError', code: 'deadline_exceeded' })
})

test('an edge that is not there says how to start it', async () => {
  await expect(new WeftClient({ baseUrl: 'http://127.0.0.1:9' }).models()).rejects.toMatchObject({
    code: 'edge_unreachable',
    message: expect.stringContaining('npx weft dev'),
  })
})
