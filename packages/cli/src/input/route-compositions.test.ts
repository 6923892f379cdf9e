import { WeftError } from '@weft/adapters'
import type { WeftClient } from '@weft/client'
import { expect, test } from 'vitest'
import { compositionsAsked } from './route-compositions.ts'

const routes: Record<string, object> = {
  calm: { composition: 'tone/calm + style/whale' },
  tried: { variants: [{ composition: 'a + b' }, { composition: 'a + 0.5*b' }], shadow: { composition: 'a + b' } },
}
const weft = {
  routes: {
    async get(name: string) {
      if (!(name in routes)) throw new WeftError('route_not_found', 'there is no route', { status: 404 })
      return routes[name]
    },
  },
} as unknown as Pick<WeftClient, 'routes'>

test('a route is tried in all that it may stand for, once each; what is none stays as it is written', async () => {
  const told: string[] = []
  expect(await compositionsAsked(weft, ['calm', 'tried', 'a + b', 'style/whale', 'calm@1'], (text) => told.push(text))).toEqual([
    'tone/calm + style/whale',
    'a + b',
    'a + 0.5*b',
    'style/whale',
    'calm@1',
  ])
  expect(told).toEqual(['calm stands for tone/calm + style/whale', 'tried stands for a + b and for a + 0.5*b'])
})

test('what is no expression is refused, and an edge that fails is told of', async () => {
  await expect(compositionsAsked(weft, ['a + '], () => {})).rejects.toMatchObject({ status: 400 })
  const away = { routes: { get: () => Promise.reject(new WeftError('edge_unreachable', 'Nothing answers.', { status: 503 })) } } as unknown as typeof weft
  await expect(compositionsAsked(away, ['calm'], () => {})).rejects.toMatchObject({ code: 'edge_unreachable' })
})
