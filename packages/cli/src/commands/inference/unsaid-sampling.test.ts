import { WeftError } from '@weft/adapters'
import type { WeftClient } from '@weft/client'
import { expect, test } from 'vitest'
import { withUnsaid } from './unsaid-sampling.ts'

const routes: Record<string, object> = {
  short: { defaults: { temperature: 0, maxTokens: 3 } },
  cold: { defaults: { temperature: 0, topP: 0.5 } },
  bare: {},
  bounded: { policy: { maxTokens: 16 } },
}
const asked: string[] = []
const weft = {
  routes: {
    async get(name: string) {
      asked.push(name)
      if (!(name in routes)) throw new WeftError('route_not_found', 'there is no route', { status: name === 'down' ? 503 : 404 })
      return routes[name]
    },
  },
} as unknown as Pick<WeftClient, 'routes'>

test.each([
  ['short', {}, {}],
  [' short ', {}, {}],
  ['short', { maxTokens: 9 }, { maxTokens: 9 }],
  ['short', { temperature: 1 }, { temperature: 1 }],
  ['cold', {}, { maxTokens: 128 }],
  ['bare', {}, { temperature: 0.7, maxTokens: 128 }],
  ['bounded', {}, { temperature: 0.7, maxTokens: 16 }],
  ['bounded', { maxTokens: 20 }, { temperature: 0.7, maxTokens: 20 }],
  ['style/speech', {}, { temperature: 0.7, maxTokens: 128 }],
  ['base', { temperature: 0 }, { temperature: 0, maxTokens: 128 }],
])('%s, of which %o is said, is asked with %o', async (expression, said, sampling) => {
  expect(await withUnsaid(weft, expression, said)).toEqual(sampling)
})

test('a route is looked for only where its defaults could count', async () => {
  asked.length = 0
  for (const expression of ['base', 'base + style/speech', 'style/speech@1', '"Calmly."', 'auto(a, b)']) await withUnsaid(weft, expression, {})
  await withUnsaid(weft, 'short', { temperature: 0, maxTokens: 1 })
  expect(asked).toEqual([])
  await expect(withUnsaid(weft, 'down', {})).rejects.toMatchObject({ status: 503 })
})
