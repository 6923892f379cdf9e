import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { adapterFile, generated, json, post, publish, refusal, script } from '../edge.ts'
import type { Seen } from '../scripted-runner.test.server.ts'

const asked = async (): Promise<string[]> =>
  ((await (await fetch(`${env.RUNNER_URL}/script`)).json()) as Seen[]).map(({ method, path }) => `${method} ${path.replace(/sha256.*/, '')}`)

test('after a miss nothing is resolved twice: the tensors are sent, and the runner is asked once more', async () => {
  await publish('style/missed', await adapterFile({ value: 0.75 }))
  await script(generated())
  await post('/v1/completions', { model: 'base', prompt: 'a' })
  await script(refusal(424, 'composition_not_held', 'POST /generate'), { on: 'PUT /compositions/', json: {} }, generated())
  expect(await json(post('/v1/completions', { model: 'base + style/missed', prompt: 'a' }))).toMatchObject({ http: 200 })
  expect(await asked()).toEqual(['POST /generate', 'PUT /compositions/', 'POST /generate'])
})

test('a runner that has come to hold another model is looked at afresh', async () => {
  await publish('style/other', await adapterFile({ value: 0.5625 }))
  await script(
    refusal(424, 'composition_not_held', 'POST /generate'),
    refusal(409, 'wrong_base_model', 'PUT /compositions/'),
    { on: 'PUT /compositions/', json: {} },
    generated(),
  )
  expect(await json(post('/v1/completions', { model: 'base + style/other', prompt: 'a' }))).toMatchObject({ http: 200 })
  expect(await asked()).toEqual(['POST /generate', 'PUT /compositions/', 'GET /health', 'PUT /compositions/', 'POST /generate'])
})
