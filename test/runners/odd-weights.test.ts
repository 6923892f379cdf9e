import { afterAll, beforeAll, expect, test } from 'vitest'
import { edgeOfRealRunners, RealRunner } from './real-runners.test.setup.ts'

const runners = new Map<string, RealRunner>()
beforeAll(async () => {
  for (const [host, seed] of [
    ['liar', 'other weights'],
    ['one', 'tiny'],
    ['two', 'tiny'],
  ] as const)
    runners.set(host, await new RealRunner(seed).load())
  // It says what the others say: sizes and names are the same, and what it computes is not.
  runners.get('liar')!.model.fingerprint = runners.get('one')!.model.fingerprint
})
afterAll(() => Promise.all([...runners.values()].map((runner) => runner.close())))

const urls = ['http://liar', 'http://one', 'http://two']

test('real runners of the same weights agree, and one of other weights under their fingerprint is named and asked nothing', async () => {
  const { json } = edgeOfRealRunners(runners, urls)
  const { data } = await json('/v1/runners')
  expect(data.map(({ id, status, errors }: any) => [id, status, errors.map(({ code }: any) => code)])).toEqual([
    ['http://liar', 'refused', ['runner_answers_differ']],
    ['http://one', 'ok', []],
    ['http://two', 'ok', []],
  ])
  for (const runner of runners.values()) runner.asked = []
  const texts = new Set<string>()
  for (let at = 0; at < 8; at++)
    texts.add((await json('/v1/completions', { model: 'base', prompt: 'the boat', max_tokens: 8, temperature: 0 })).choices[0].text)
  expect(texts.size).toBe(1)
  expect(runners.get('liar')!.asked).not.toContain('POST /generate')
})

test('a pool of one has nobody to compare with', async () => {
  const { json } = edgeOfRealRunners(runners, ['http://liar'])
  expect((await json('/v1/runners')).data).toMatchObject([{ status: 'ok', errors: [] }])
})
