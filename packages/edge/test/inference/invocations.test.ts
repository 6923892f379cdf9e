import { floatTensor, invocationsTensor } from '@weft/adapters'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { adapterFile, dataOf, edge, generated, json, post, publish, script, seen, streamed } from '../edge.ts'

const q = 'model.layers.0.self_attn.q_proj'
const low = { [`${q}.a`]: floatTensor([1, 4], new Float32Array(4).fill(1)), [`${q}.b`]: floatTensor([4, 1], new Float32Array(4).fill(1)) }
const config = { r: 1, loraAlpha: 1, targetModules: ['q_proj'] }
const invocation = [7, 9]
const held = { on: 'PUT /compositions', json: {}, times: 0 }

beforeAll(async () => {
  await script()
  const state = { activatedLinear: { invocations: invocationsTensor([invocation]), ...low, [`${q}.of`]: floatTensor([1, 1], Float32Array.of(1)) } }
  const published = await publish('check/facts', await adapterFile({ method: 'lora', config: { ...config, aloraInvocationTokens: invocation }, state }))
  expect(await json(published)).toMatchObject({ http: 201 })
  await publish('style/low', await adapterFile({ method: 'lora', config, state: { linear: low } }))
})
beforeEach(() => script())

const explain = (model: string) => json(post('/v1/compositions/explain', { model }))

test('what is explained says what waits, and what acts before: the base model, or what does not wait', async () => {
  expect(await explain('base + check/facts')).toMatchObject({ http: 200, sites: ['activatedLinear'], waits: { invocations: [invocation], dormant_key: null } })
  const { key } = await explain('base + style/low')
  expect(await explain('base + 0.5*check/facts + style/low')).toMatchObject({ waits: { invocations: [invocation], dormant_key: key } })
  expect(await explain('base + style/low')).not.toHaveProperty('waits')
  const { outputs, waits } = await explain('base + experts(check/facts, style/low)')
  expect(waits).toBeUndefined()
  expect(outputs.operands.filter((operand: object) => 'waits' in operand)).toMatchObject([{ waits: { dormant_key: null } }])
})

const missing = [{ tokens: invocation, text: '<check>' }]

test('an answer says what was not in its prompt', async () => {
  const answer = { ...(generated().json as object), not_invoked: missing }
  for (const [path, asked] of [
    ['/v1/completions', { prompt: ['a', 'b'] }],
    ['/v1/chat/completions', { messages: [{ role: 'user', content: 'a' }] }],
  ] as const) {
    await script(held, { on: 'POST /generate', json: answer }, generated())
    const { choices } = await json(post(path, { model: 'base + check/facts', ...asked }))
    expect(choices[0]).toMatchObject({ not_invoked: missing })
    if (choices[1]) expect(choices[1]).not.toHaveProperty('not_invoked')
  }
  await script(held, { on: 'POST /generate', json: answer })
  expect(await json(post('/v1/responses', { model: 'base + check/facts', input: 'a' }))).toMatchObject({ http: 200, not_invoked: missing })
})

test('so does the last chunk of a streamed one', async () => {
  const events = [
    { data: { token: 1, text: 'a' } },
    { data: { finish_reason: 'stop', usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }, not_invoked: missing } },
  ]
  for (const [path, asked] of [
    ['/v1/completions', { prompt: 'a' }],
    ['/v1/chat/completions', { messages: [{ role: 'user', content: 'a' }] }],
  ] as const) {
    await script(held, streamed({ events }))
    const told = dataOf(await (await post(path, { model: 'base + check/facts', ...asked, stream: true })).text()).slice(0, -1)
    expect(told.map((each) => JSON.parse(each).choices[0].not_invoked)).toEqual([...told.slice(1).map(() => undefined), missing])
  }
})

test('a job is refused whose invocation the model can not have', async () => {
  const upload = new FormData()
  upload.set('purpose', 'fine-tune')
  upload.set('file', new Blob(['{"text": "The sea"}\n{"text": "Is it blue? <check>"}\n']), 'rows.jsonl')
  const file = await json(edge('/v1/files', { method: 'POST', body: upload }))
  const create = (config: object, rest: object = {}) =>
    json(
      post('/v1/fine_tuning/jobs', {
        model: 'base',
        training_file: file.id,
        method: { type: 'lora', lora: { target_modules: ['q_proj'], ...config } },
        ...rest,
      }),
    )
  expect(await create({ alora_invocation_tokens: [7, 32] })).toMatchObject({
    http: 400,
    error: { code: 'invalid_config', param: 'method.lora.alora_invocation_tokens[1]' },
  })
  expect(await create({ alora_invocation_tokens: [] })).toMatchObject({ http: 400, error: { code: 'invalid_config' } })
  expect(await create({ alora_invocation: '<check>', use_dora: true })).toMatchObject({ http: 400, error: { param: 'method.lora.use_dora' } })

  // The runner has the tokenizer. Text and tokens that say the same are well, and so is a runner that says nothing now.
  const read = (...ids: number[]) => ({
    on: 'POST /score',
    json: { results: [{ tokens: ids.length, logprob: -1, perplexity: 1, logprobs: ids.map((id) => ({ token: 'x', id, logprob: -1, top_logprobs: [] })) }] },
  })
  const both = { alora_invocation: '<check>', alora_invocation_tokens: [7, 9] }
  await script(read(7, 8))
  expect(await create(both)).toMatchObject({
    http: 400,
    error: {
      code: 'invalid_config',
      param: 'method.lora.alora_invocation_tokens',
      message: expect.stringMatching(/alora_invocation_tokens \[7,9\] are not what this model makes of alora_invocation "<check>", \[7,8\]/),
    },
  })
  expect((await seen()).find(({ path }) => path === '/score')?.body).toMatchObject({ texts: ['<check>'], composition: null })
  await script(read())
  expect(await create({ alora_invocation: ' ' })).toMatchObject({ http: 422, error: { code: 'invocation_empty' } })
  const cases = [read(7, 9), { on: 'POST /score', status: 503, json: {} }].flatMap((answer) =>
    [both, { alora_invocation: '<check>' }].map((said) => ({ answer, said })),
  )
  for (const { answer, said } of cases) {
    await script(answer)
    const { id, ...made } = await create(said)
    expect(made).toMatchObject({ http: 200, method: { lora: { ...said } } })
    await edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' })
  }
})
