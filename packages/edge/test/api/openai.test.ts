import { exports } from 'cloudflare:workers'
import OpenAI, { toFile } from 'openai'
import { expect, test } from 'vitest'
import { generated, script, streamed } from '../edge.ts'

const openai = new OpenAI({
  apiKey: 'weft-local',
  baseURL: 'http://127.0.0.1:8787/v1',
  maxRetries: 0,
  fetch: (url, init) => exports.default.fetch(new Request(url as string, init as RequestInit)),
})
const messages = [{ role: 'user' as const, content: 'Hello' }]

test("OpenAI's own client chats", async () => {
  await script(generated('Hi.'))
  const answer = await openai.chat.completions.create({ model: 'base', messages, temperature: 0, max_completion_tokens: 4 })
  expect(answer.choices[0]!.message.content).toBe('Hi.')
  expect(answer.usage!.total_tokens).toBe(5)
})

test('and streams, with usage', async () => {
  await script(streamed())
  const stream = await openai.chat.completions.create({ model: 'base', messages, stream: true, stream_options: { include_usage: true } })
  let text = ''
  let tokens = 0
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? ''
    tokens = chunk.usage?.total_tokens ?? tokens
  }
  expect([text, tokens]).toEqual([' fellow citizens', 5])
})

test('and completes', async () => {
  await script(generated())
  expect((await openai.completions.create({ model: 'base', prompt: 'My' })).choices[0]!.text).toBe(' fellow citizens')
})

test('and lists models', async () => {
  await script()
  expect((await openai.models.list()).data.map(({ id }) => id)).toEqual(expect.arrayContaining(['base', 'orator']))
})

test('and uploads files and makes jobs', async () => {
  await script()
  const file = await openai.files.create({ purpose: 'fine-tune', file: await toFile(new TextEncoder().encode('{"text": "a"}\n'), 'a.jsonl') })
  expect(file).toMatchObject({ object: 'file', status: 'processed', purpose: 'fine-tune' })
  expect(await (await openai.files.content(file.id)).text()).toBe('{"text": "a"}\n')
  const listed = []
  for await (const each of openai.files.list()) listed.push(each.id)
  expect(listed).toContain(file.id)
  const job = await openai.fineTuning.jobs.create({
    model: 'base',
    training_file: file.id,
    suffix: 'style/openai',
    seed: 1,
    method: { type: 'prompt-tuning', 'prompt-tuning': { num_virtual_tokens: 2 } } as never,
  })
  expect(job).toMatchObject({ object: 'fine_tuning.job', status: 'validating_files', training_file: file.id })
  expect((await openai.fineTuning.jobs.retrieve(job.id)).id).toBe(job.id)
  expect((await openai.fineTuning.jobs.list()).data.map(({ id }) => id)).toContain(job.id)
  expect((await openai.fineTuning.jobs.cancel(job.id)).status).toBe('cancelled')
  expect((await openai.fineTuning.jobs.listEvents(job.id)).data[0]).toMatchObject({ object: 'fine_tuning.job.event', message: 'Cancelled.' })
})

test('and deletes the files of a list as it goes through its pages', async () => {
  await script()
  const content = new TextEncoder().encode('{"text": "a"}\n')
  for (let at = 0; at < 5; at++) await openai.files.create({ purpose: 'fine-tune', file: await toFile(content, `page-${at}.jsonl`) })
  const deleted = []
  for await (const { id, filename } of openai.files.list({ limit: 2, purpose: 'fine-tune' })) {
    if (!filename.startsWith('page-')) continue
    await openai.files.delete(id)
    deleted.push(filename)
  }
  expect(deleted.toSorted()).toEqual([0, 1, 2, 3, 4].map((at) => `page-${at}.jsonl`))
})

test('and throws its own errors', async () => {
  await script()
  await expect(openai.chat.completions.create({ model: 'nobody', messages })).rejects.toBeInstanceOf(OpenAI.NotFoundError)
  await expect(openai.chat.completions.create({ model: 'base +', messages })).rejects.toMatchObject({
    status: 400,
    code: 'expression_syntax',
    param: 'model',
    type: 'invalid_request_error',
  })
  const wrongKey = new OpenAI({
    apiKey: 'wrong',
    baseURL: openai.baseURL,
    maxRetries: 0,
    fetch: (url, init) => exports.default.fetch(new Request(url as string, init as RequestInit)),
  })
  await expect(wrongKey.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError)
})
