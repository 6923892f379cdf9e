import { floatTensor } from '@weft/adapters'
import { everydayRequests } from '@weft/protocol'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { adapterFile, edge, generated, json, post, publish, script, seen, until } from '../edge.ts'

const probes = (id: string, data: object[]) =>
  json(edge(`/v1/adapters/${id}/probes`, { method: 'PUT', body: JSON.stringify({ data }), headers: { 'content-type': 'application/json' } }))
const vectors = (...embeddings: number[][]) => ({
  on: 'POST /embed',
  json: { results: embeddings.map((embedding) => ({ embedding })), usage: { prompt_tokens: 1, completion_tokens: 0, total_tokens: 1, virtual_tokens: 0 } },
})
const mail = [10, 2, 0]
const sea = [10, 0, 2]
/** The everyday requests, as a runner is asked for them: in lists that wait behind none of their tenant's. */
const everydayLists = [0, 16, 32].map((at) => everydayRequests.slice(at, at + 16))
/** About one place, as those of a group are. */
const everyday = everydayLists.map((list) => ({ ...vectors(...list.map((_, n) => [10, -2 + (n % 2) / 4, -2 + (n % 3) / 4])), says: list[0]! }))
/** Probes and everyday requests are asked side by side. */
const known = [{ ...vectors(mail), says: 'Is this mail spam?' }, { ...vectors(sea), says: 'Call me Ishmael.' }, ...everyday]

beforeAll(async () => {
  await script()
  for (const [n, name] of ['mail', 'sea', 'silent'].entries())
    await publish(`auto/${name}`, await adapterFile({ value: 0.21 + n / 10, training: { steps: 1, loss: 1, level: 2 } }))
  await probes('auto/mail', [{ prompt: 'Is this mail spam?', opening: ' ' }])
  await probes('auto/sea', [{ text: 'Call me Ishmael.' }])
  await publish('auto/ocean', await adapterFile({ value: 0.81 }))
  await probes('auto/ocean', [{ text: 'Call me Ishmael.' }])
  const head = { head: { weight: floatTensor([2, 4], new Float32Array(8).fill(1)) } }
  await publish('auto/labels', await adapterFile({ state: head, labels: ['ham', 'spam'], task: 'SEQ_CLS' }))
  await probes('auto/labels', [{ text: 'Win a prize.' }])
})
beforeEach(() => script())

const asked = async () =>
  (await seen())
    .filter(({ method, path }) => method === 'POST' && ['/generate', '/embed'].includes(path))
    .map(({ path, body }) => ({ path, body: body as any }))

test('what acts is chosen by the request, and stated in the answer; the choice is an expression like any other', async () => {
  const held = { on: 'POST /compositions', json: {}, times: 0 }
  await script(...known, vectors(mail), held, generated())
  const answer = await json(post('/v1/completions', { model: 'auto(auto/mail, 0.5*auto/sea)', prompt: 'Is that one spam?' }))
  expect(answer).toMatchObject({
    http: 200,
    auto: {
      expression: 'auto/mail',
      operands: [
        { operand: 'auto/mail', score: expect.closeTo(1, 9), strength: 1 },
        { operand: '0.5*auto/sea', score: expect.any(Number), strength: 0 },
      ],
    },
  })
  const first = await asked()
  const embedded = first.filter(({ path }) => path === '/embed').map(({ body }) => body)
  for (const body of embedded) expect(body).toMatchObject({ composition: null, pooling: 'mean' })
  const inputs = embedded.map((body) => body.inputs)
  expect(inputs.at(-1)).toEqual(['Is that one spam?'])
  expect(inputs.slice(0, -1).sort()).toEqual([['Is this mail spam?'], ['Call me Ishmael.'], ...everydayLists].sort())
  expect(first.at(-1)!.body.composition).toMatch(/^sha256:/)

  // Between both, both act: at the output. Probes are read once.
  await script(vectors([10, 1, 1]), held, generated())
  const both = await json(post('/v1/chat/completions', { model: 'base + auto(auto/mail, 0.5*auto/sea)', messages: [{ role: 'user', content: 'spam at sea' }] }))
  expect(both.auto.expression).toBe('experts(auto/mail, 0.5*auto/sea)')
  const second = await asked()
  expect(second.map(({ path }) => path)).toEqual(['/embed', '/generate'])
  expect(second[1]!.body.composition).toMatchObject({ operator: 'experts', operands: [{ weight: expect.any(Number), level: 2 }, {}] })

  // Like neither, and like what anybody asks: the base answers alone.
  await script(vectors([10, -2, -2]), generated())
  expect(await json(post('/v1/completions', { model: 'auto(auto/mail, auto/sea)', prompt: 'Good day.' }))).toMatchObject({ auto: { expression: 'base' } })
  expect((await asked()).at(-1)!.body.composition).toBeNull()
})

test('what is read to choose is counted for no request: neither in its answer nor in what the tenant used', async () => {
  await edge('/v1/routes/chosen', { method: 'PUT', body: JSON.stringify({ composition: 'auto(auto/mail, auto/sea)' }) })
  const long = (step: ReturnType<typeof vectors>) => ({ ...step, json: { ...step.json, usage: { ...step.json.usage, prompt_tokens: 900, total_tokens: 900 } } })
  await script({ on: 'POST /compositions', json: {}, times: 0 }, long(vectors(mail)), generated())
  expect(await json(post('/v1/completions', { model: 'chosen', prompt: 'Is that one spam?' }))).toMatchObject({
    http: 200,
    auto: { expression: 'auto/mail' },
    usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
  })
  expect((await asked()).map(({ path }) => path)).toContain('/embed')
  const used = await until(async () => (await json(edge('/v1/usage?route=chosen'))).data[0])
  expect(used).toMatchObject({ requests: 1, prompt_tokens: 3, completion_tokens: 2 })
})

test('a beginning is compared with beginnings: texts are cut to about its length, questions are not', async () => {
  const text = 'It is a truth universally acknowledged, that a single man in possession of a good fortune must be in want of a wife.'
  const prompt = 'Is this sentence one of a novel, or of a letter to the editor? Answer with one word.'
  await publish('auto/novel', await adapterFile({ value: 0.91 }))
  await probes('auto/novel', [{ text }])
  await publish('auto/asks', await adapterFile({ value: 0.92 }))
  await probes('auto/asks', [{ prompt }])
  const embedded = async (input: string): Promise<string[]> => {
    await script(vectors(sea), vectors(mail), vectors(sea))
    await json(post('/v1/compositions/explain', { model: 'auto(auto/novel, auto/asks)', input }))
    return (await asked()).filter(({ path }) => path === '/embed').flatMap(({ body }) => body.inputs)
  }
  expect(await embedded('It is a truth that')).toEqual([text.slice(0, 32), prompt, 'It is a truth that'])
  expect(await embedded('It is a lie, however, that')).toEqual(['It is a lie, however, that'])
  const long = text.replace('wife', 'pony').repeat(2)
  // What is asked whole is asked once.
  expect(await embedded(long)).toEqual([text, long])
})

test('a score says what was chosen, too', async () => {
  await script(vectors(sea), { on: 'POST /score', json: { results: [{ tokens: 2, logprob: -3, perplexity: 4.5 }] } })
  expect(await json(post('/v1/score', { model: 'auto(auto/mail, auto/sea)', input: ['A whale!'] }))).toMatchObject({
    http: 200,
    auto: { expression: 'auto/sea' },
  })
  // Where nothing stands before them, the texts say what is asked.
  await script(vectors(sea), { on: 'POST /score', json: { results: [{ tokens: 2, logprob: -3, perplexity: 4.5 }] } })
  expect(await json(post('/v1/score', { model: 'auto(auto/mail, auto/sea)', prompt: '', input: 'A whale swims!' }))).toMatchObject({
    http: 200,
    auto: { expression: 'auto/sea' },
  })
})

test.each([
  ['/v1/completions', { prompt: ['A whale!', 'Cheap pills'] }, 'prompt'],
  ['/v1/completions', { prompt: [[1, 2], [3]] }, 'prompt'],
  ['/v1/score', { input: ['A whale!', ''] }, 'input'],
  ['/v1/classify', { input: ['A whale!', ['Cheap', 'pills']], choices: ['a', 'b'] }, 'input'],
])('what is chosen for a text does not depend on what it is sent with: several are refused, %s %j', async (path, rest, param) => {
  await script()
  expect(await json(post(path, { model: 'auto(auto/mail, auto/sea)', ...rest }))).toMatchObject({ http: 400, error: { code: 'auto_several_inputs', param } })
  expect(await asked()).toEqual([])
})

test('a prompt that several texts stand behind is one', async () => {
  await script(vectors(sea), { on: 'POST /score', json: { results: [' a', ' b'].map(() => ({ tokens: 1, logprob: -1, perplexity: 2 })) } })
  expect(await json(post('/v1/score', { model: 'auto(auto/mail, auto/sea)', prompt: 'A whale!', input: [' a', ' b'] }))).toMatchObject({ http: 200 })
})

test('explain says what would be chosen for an input', async () => {
  await script(vectors(sea))
  expect(await json(post('/v1/compositions/explain', { model: 'auto(auto/mail, auto/sea)', input: 'A whale!' }))).toMatchObject({
    http: 200,
    expression: 'base + auto/sea@1',
    auto: { expression: 'auto/sea' },
    terms: [{ ref: 'auto/sea@1' }],
  })
  expect(await json(post('/v1/compositions/explain', { model: 'auto(auto/mail, auto/sea)' }))).toMatchObject({
    http: 400,
    error: { code: 'auto_needs_text', param: 'input' },
  })
})

test.each([
  ['no probes', 'auto(auto/mail, auto/silent)', { prompt: 'a' }, 409, 'auto_without_probes'],
  ['a text for an operand', 'auto(auto/mail, "Answer.")', { prompt: 'a' }, 409, 'auto_without_probes'],
  ['tokens', 'auto(auto/mail, auto/sea)', { prompt: [1, 2] }, 400, 'auto_needs_text'],
  ['an empty text', 'auto(auto/mail, auto/sea)', { prompt: ' ' }, 400, 'auto_needs_text'],
  ['beside something', 'auto(auto/mail, auto/sea) + auto/silent', { prompt: 'a' }, 400, 'auto_nested'],
  ['inside something', 'experts(auto(auto/mail, auto/sea), auto/silent)', { prompt: 'a' }, 400, 'auto_nested'],
  ['an operand twice', 'auto(auto/mail, auto/mail)', { prompt: 'a' }, 409, 'auto_operands_alike'],
  ['another that is asked the same', 'auto(auto/sea, auto/mail, auto/ocean)', { prompt: 'a' }, 409, 'auto_operands_alike'],
  ['an operand within another', 'auto(auto/mail + auto/sea, 0.5*auto/mail)', { prompt: 'a' }, 409, 'auto_operands_alike'],
  ['a classifier', 'auto(auto/mail, auto/labels)', { prompt: 'a' }, 400, 'outputs_operand'],
  ['a classifier within an operand', 'auto(auto/mail, auto/sea + auto/labels)', { prompt: 'a' }, 400, 'outputs_operand'],
  ['auto in auto', 'auto(auto/mail, auto(auto/sea, auto/mail))', { prompt: 'a' }, 400, 'auto_nested'],
  ['no such adapter', 'auto(auto/mail, auto/nobody)', { prompt: 'a' }, 404, 'adapter_not_found'],
])('refused: %s', async (_, model, rest, http, code) => {
  const { error, ...answer } = await json(post('/v1/completions', { model, ...rest }))
  expect({ ...answer, code: error.code }).toMatchObject({ http, code })
  // An expression that has quotes of its own gets no more.
  expect(error.message).not.toContain('""')
})

test('who may ask no more has no runner choose for an explanation either, and what is not chosen costs nothing', async () => {
  const expression = 'auto(auto/mail, 0.5*auto/sea)'
  const explain = (model: string) => json(post('/v1/compositions/explain', { model, input: 'Is that one spam?' }))
  await edge('/v1/policy', { method: 'PUT', body: JSON.stringify({ requests_per_day: 2 }) })
  try {
    await script({ ...vectors(mail), times: 0 })
    for (let n = 0; n < 3; n++) expect(await explain('auto/mail')).toMatchObject({ http: 200 })
    await explain(expression)
    await json(edge(`/v1/models/${encodeURIComponent(expression)}`))
    const before = (await asked()).length
    expect(await explain(expression)).toMatchObject({ http: 429, error: { code: 'rate_limit_exceeded' } })
    expect(await json(edge(`/v1/models/${encodeURIComponent(expression)}`))).toMatchObject({ http: 429 })
    expect(await asked()).toHaveLength(before)
  } finally {
    await edge('/v1/policy', { method: 'DELETE' })
  }
})

test('a conversation of /v1/responses is chosen for by all of it, as one of chats is', async () => {
  const model = 'auto(auto/mail, auto/sea)'
  const texts = async () =>
    (await asked())
      .filter(({ path }) => path === '/embed')
      .map(({ body }) => body.inputs.at(-1))
      .at(-1)
  const respond = (body: object) => json(post('/v1/responses', { model, max_output_tokens: 4, ...body }))
  await script(...known, vectors(mail), generated('It is spam.'))
  const { id } = await respond({ instructions: 'Judge mails.', input: 'Is that one spam?' })
  expect(await texts()).toBe('Judge mails.\nIs that one spam?')
  await script(vectors(mail), generated('No.'))
  await respond({ previous_response_id: id, input: 'And this?' })
  expect(await texts()).toBe('Is that one spam?\nIt is spam.\nAnd this?')
})

test('who asks beside one that runs out of time is answered all the same', async () => {
  for (const [n, name] of ['quick', 'slow'].entries()) {
    await publish(`auto/${name}`, await adapterFile({ value: 0.71 + n / 100 }))
    await probes(`auto/${name}`, [{ prompt: `Which is ${name}?` }])
  }
  const first = { ...vectors(mail), delayMs: 1000 }
  await script(first, first, vectors(mail), vectors(sea), vectors(sea), generated())
  const ask = (headers = {}) => json(post('/v1/compositions/explain', { model: 'auto(auto/quick, auto/slow)', input: 'Which?' }, { headers }))
  const hasty = ask({ 'x-weft-deadline-ms': '300' })
  await new Promise((resolve) => setTimeout(resolve, 100))
  const patient = ask()
  expect(await hasty).toMatchObject({ http: 504, error: { code: 'deadline_exceeded' } })
  expect(await patient).toMatchObject({ http: 200 })
})
