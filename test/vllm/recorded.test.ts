import { readFileSync } from 'node:fs'
import { sites } from '@weft/adapters'
import { type ModelSession, openSession } from '@weft/session'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { vllmSites } from '../../packages/edge/src/runner/vllm/capabilities.ts'
import { adaptersFor } from './adapters.ts'
import { compareChats } from './chats.ts'
import { compareTable } from './compare.ts'
import { edgeOverVllm } from './edge.ts'
import { type Recorded, replaying } from './recorded.ts'
import { exact, refused } from './table.ts'

// What test/acceptance/vllm.ts --record wrote down of a real vLLM 0.32: requests must be the same to the byte, and answers are as Weft's engine gives them.
const recorded: Recorded = JSON.parse(readFileSync(new URL('recorded.json', import.meta.url), 'utf8'))
const bound = 1e-4

let session: ModelSession
let edge: Awaited<ReturnType<typeof edgeOverVllm>>
beforeAll(async () => {
  session = await openSession('packages/base-model', { threads: 1 })
  const adapters = await adaptersFor(session.model, '7')
  for (const [name, file] of adapters) await session.add(name, file)
  edge = await edgeOverVllm(replaying(recorded), adapters)
})
afterAll(() => session.close())

test('every site is in the table of capabilities, and has a case of what is said of it', () => {
  expect(Object.keys(vllmSites).sort()).toEqual(Object.keys(sites).sort())
  for (const [site, { support }] of Object.entries(vllmSites)) {
    if (site === 'head' || site === 'weights') continue
    expect(
      [...(support === 'refused' ? refused : exact)].map((row) => row.site),
      site,
    ).toContain(site)
  }
})

test('what is exact is answered as by our engine, and what is refused is refused by name', async () => {
  const compared = await compareTable(edge, session, { bound })
  expect(compared.filter(({ wrong }) => wrong !== undefined)).toEqual([])
})

test('chats are rendered by vLLM and streamed', async () => {
  const compared = await compareChats(edge, session, { bound })
  expect(compared.filter(({ wrong }) => wrong !== undefined)).toEqual([])
})

test.each([
  ['/v1/embeddings', { input: 'x' }],
  ['/v1/classify', { input: ['x'], choices: [' a', ' b'] }],
  ['/v1/score', { input: ['x'] }],
])('%s is refused', async (path, body) => {
  expect(await edge.ask(path, { model: 'base', ...body })).toMatchObject({ status: 422, error: { code: 'not_served_by_vllm' } })
})

test('a repetition penalty is refused where vLLM would count what is composed', async () => {
  const asked = { prompt: 'The sea was', max_tokens: 8, repetition_penalty: 1.1 }
  const error = { code: 'not_served_by_vllm', param: 'repetition_penalty' }
  for (const model of ['base + note/sea', 'base + prefix/one'])
    expect(await edge.ask('/v1/completions', { model, ...asked })).toMatchObject({ status: 422, error })
})

test('functions are refused, and a prompt that would be read as other tokens behind soft prompts', async () => {
  const tools = [{ type: 'function', function: { name: 'look' } }]
  const messages = [{ role: 'user', content: 'What do you see?' }]
  expect(await edge.ask('/v1/chat/completions', { model: 'base', messages, tools })).toMatchObject({ status: 422, error: { param: 'tools' } })
  const joined = await edge.ask('/v1/completions', { model: 'base + soft/one + note/sea', prompt: 'The sea was' })
  expect(joined).toMatchObject({ status: 422, error: { code: 'prompt_not_read_back', param: 'prompt' } })
})

test('the page says of every site what the code does', () => {
  const page = readFileSync(new URL('../../docs/operating/vllm.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\| `(\w+)` \| (exact|approximate|refused) \| (.*) \|$/gm)].map(([, site, support, why]) => [site, { support, why }])
  const said = Object.entries(vllmSites).map(([site, { support, why }]) => [site, { support, why }])
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(said))
})
