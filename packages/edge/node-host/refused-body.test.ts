import { defineConfig, trainingFileLimits } from '@weft/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { tokens } from '../src/tokens.ts'
import { memoryRoot } from './memory-composition-root.ts'

const edge = memoryRoot(defineConfig({ models: { base: {} }, plugins: [] }), 'http://127.0.0.1:9', 1000)
const context = { waitUntil: () => {}, passThroughOnException: () => {}, props: {} }
const MiB = 2 ** 20

/** A body that is sent as it is read, and how much of it was. */
const sending = (mebibytes: number) => {
  const sent = { mebibytes: 0, cancelled: false }
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent.mebibytes === mebibytes) return controller.close()
      sent.mebibytes += 1
      controller.enqueue(new Uint8Array(MiB))
    },
    cancel() {
      sent.cancelled = true
    },
  })
  return { sent, body }
}

test.each([
  ['a key that is none', { authorization: 'Bearer none' }, 401],
  ['a body that is too large', { authorization: 'Bearer weft-local', 'content-length': String(20 * MiB) }, 413],
  ['a path that is none', { authorization: 'Bearer weft-local' }, 404],
])('whoever is refused for %s can send to the end, and reads why', async (_, headers, status) => {
  const { sent, body } = sending(20)
  const path = status === 404 ? '/v1/nothing' : '/v1/chat/completions'
  const request = new Request(`http://edge${path}`, { method: 'POST', headers, body, duplex: 'half' } as RequestInit)
  const response = await edge.container.get(tokens.app).fetch(request, {}, context)
  expect(response.status).toBe(status)
  expect(sent).toEqual({ mebibytes: 20, cancelled: false })
})

test.each([
  ['PUT', 'result'],
  ['POST', 'reports'],
])('a trainer without the token of a job has nothing read of what it brings: %s …/%s', async (method, what) => {
  // None of it is what is expected there, which nobody looks at.
  const { body } = sending(20)
  const headers = { authorization: 'Bearer weft-trainer-none', 'content-type': 'application/json' }
  const request = new Request(`http://edge/v1/trainer/jobs/ftjob-none/${what}`, { method, headers, body, duplex: 'half' } as RequestInit)
  const response = await edge.container.get(tokens.app).fetch(request, {}, context)
  expect([response.status, await response.json()]).toEqual([403, { error: expect.objectContaining({ code: 'trainer_not_known' }) }])
})

test.each([
  ['a name of underscores', '/v1/chat/completions', JSON.stringify({ ['_'.repeat(100_000)]: 1 }), 'invalid_request'],
  ['blanks where nothing was to be sent', '/v1/batches/batch-none/cancel', `${' '.repeat(100_000)}x`, 'unexpected_body'],
])('what is refused is refused in a moment: %s', async (_, path, body, code) => {
  const started = process.cpuUsage()
  const request = new Request(`http://edge${path}`, { method: 'POST', headers: { authorization: 'Bearer weft-local' }, body })
  const response = await edge.container.get(tokens.app).fetch(request, {}, context)
  expect([response.status, await response.json()]).toEqual([400, { error: expect.objectContaining({ code }) }])
  // Of this process' own time. Gone through once for each of its characters, each of these takes many seconds, and what a body may have, days.
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(2000)
})

test('a body that never comes keeps nobody waiting', async () => {
  const body = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) })
  const request = new Request('http://edge/v1/files', { method: 'POST', headers: { authorization: 'Bearer none' }, body, duplex: 'half' } as RequestInit)
  expect((await edge.container.get(tokens.app).fetch(request, {}, context)).status).toBe(401)
})

test('what goes on beyond 64 MiB is broken off', async () => {
  const { sent, body } = sending(200)
  const headers = { authorization: 'Bearer none' }
  const request = new Request('http://edge/v1/files', { method: 'POST', headers, body, duplex: 'half' } as RequestInit)
  expect((await edge.container.get(tokens.app).fetch(request, {}, context)).status).toBe(401)
  expect(sent.cancelled).toBe(true)
  expect(sent.mebibytes).toBeLessThan(70)
})

test('what no training would read is refused as a training file, however large a file may be here', async () => {
  const { bytes } = trainingFileLimits
  onTestFinished(() => void Object.assign(trainingFileLimits, { bytes }))
  trainingFileLimits.bytes = 1000
  const upload = async (purpose: string) => {
    const body = new FormData()
    body.set('purpose', purpose)
    body.set('file', new File([`{"text": "${'a'.repeat(100)}"}\n`.repeat(20)], 'a.jsonl'))
    const request = new Request('http://edge/v1/files', { method: 'POST', headers: { authorization: 'Bearer weft-local' }, body })
    return (await edge.container.get(tokens.app).fetch(request, {}, context)).json()
  }
  expect(await upload('fine-tune')).toMatchObject({ error: { code: 'training_file_too_large' } })
  expect(await upload('batch')).toMatchObject({ status: 'processed' })
})
