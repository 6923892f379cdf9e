import { beforeAll, beforeEach, expect, test } from 'vitest'
import { adapterFile, generated, json, post, publish, refusal, script, seen } from '../edge.ts'

const loud = { steps: 4, loss: 1, level: 2.5 }
beforeAll(async () => {
  await script()
  await publish('out/loud', await adapterFile({ value: 0.21, training: loud }))
  await publish('out/plain', await adapterFile({ value: 0.22 }))
})
beforeEach(() => script())

const ask = (model: string) => json(post('/v1/completions', { model, prompt: 'My' }))

test('operands go to the runner by key, with their strengths and levels, and are uploaded when they are not there', async () => {
  await script(refusal(424, 'composition_not_held', 'POST /generate'), { on: 'PUT /compositions/', status: 204, times: 2 }, generated())
  expect(await ask('experts(out/loud, 0.5*out/plain)')).toMatchObject({ http: 200, choices: [{ text: ' fellow citizens' }] })
  const [first, ...rest] = await seen()
  const { composition } = first.body as { composition: { operator: string; operands: { composition: string; weight: number; level: number }[] } }
  expect(composition.operator).toBe('experts')
  // Level 1 where none was measured.
  expect(composition.operands.map(({ weight, level }) => [weight, level]).toSorted()).toEqual([
    [0.5, 1],
    [1, 2.5],
  ])
  expect(rest.map(({ method, path }) => `${method} ${path}`)).toEqual([
    ...composition.operands.map((operand) => `PUT /compositions/${operand.composition}`),
    'POST /generate',
  ])
  expect(rest.at(-1)!.body).toMatchObject({ composition })
})

test('an operand of texts alone has no level: the runner measures it by what it says in the answer', async () => {
  await script(generated())
  const model = 'experts(out/loud, "Briefly.")'
  expect(await ask(model)).toMatchObject({ http: 200 })
  const [asked] = await seen()
  const { operands } = (asked.body as { composition: { operands: { weight: number; level?: number }[] } }).composition
  expect(operands.map(({ level }) => level).toSorted()).toEqual([2.5, undefined])
  const { outputs } = await json(post('/v1/compositions/explain', { model }))
  expect(outputs.operands.map((operand: { level?: number }) => operand.level).toSorted()).toEqual([2.5, undefined])
})

test('an operand has the key that it has alone, so that one upload serves both', async () => {
  const { key } = await json(post('/v1/compositions/explain', { model: 'out/loud' }))
  const { outputs, key: whole, virtual_tokens } = await json(post('/v1/compositions/explain', { model: 'ensemble(out/loud, out/plain + "Briefly.")' }))
  expect(outputs).toMatchObject({ operator: 'ensemble', operands: [{ weight: 0.5 }, { weight: 0.5 }] })
  expect(outputs.operands.map((operand: { key: string }) => operand.key)).toContain(key)
  expect(whole).not.toBe(key)
  // Each answers in a row of its own: the longest counts, not the sum.
  expect(virtual_tokens).toMatchObject({ rows: 2, positions: 2 })
})

test.each([
  ['/v1/score', { input: 'x' }, { data: [{ index: 0, logprob: -3 }] }],
  ['/v1/classify', { input: 'x', choices: ['a', 'b'] }, { data: [{ label: 'b' }] }],
])('%s asks several for what they say together', async (path, body, answer) => {
  const results = [-3, -1].map((logprob) => ({ tokens: 1, logprob, perplexity: Math.exp(-logprob) }))
  await script({ on: 'POST /score', json: { results: results.slice(0, 'choices' in body ? 2 : 1) } })
  expect(await json(post(path, { model: 'experts(out/loud, out/plain)', ...body }))).toMatchObject({ http: 200, ...answer })
  expect((await seen()).find(({ path }) => path === '/score')!.body).toMatchObject({
    composition: { operator: 'experts', operands: [{ weight: 1 }, { weight: 1 }] },
  })
})

test('vectors of several are refused with what would do', async () => {
  expect(await json(post('/v1/embeddings', { model: 'experts(out/loud, out/plain)', input: 'x' }))).toMatchObject({
    http: 400,
    error: { code: 'outputs_not_supported', param: 'model' },
  })
})

test('what stands beside it is refused under its character', async () => {
  expect(await ask('out/loud + experts(out/loud, out/plain)')).toMatchObject({ http: 400, error: { code: 'outputs_nested' } })
})
