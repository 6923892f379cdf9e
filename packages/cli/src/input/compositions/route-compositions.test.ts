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
      if (!(name in routes)) throw new WeftError('route_not_found', 'there is no route', { status: 404, details: { name, suggestions: ['calm'] } })
      return routes[name]
    },
  },
  adapters: {
    async get(name: string) {
      if (name === 'soon') throw new WeftError('adapter_not_found', 'it is being trained', { status: 404, details: { name, suggestions: [], job: 'ftjob-1' } })
      if (name !== 'style/whale')
        throw new WeftError('adapter_not_found', 'there is no adapter', { status: 404, details: { name, suggestions: ['style/whale'] } })
      return { name }
    },
  },
} as unknown as Pick<WeftClient, 'routes' | 'adapters'>

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
  const away = {
    ...weft,
    routes: { get: () => Promise.reject(new WeftError('edge_unreachable', 'Nothing answers.', { status: 503 })) },
  } as unknown as typeof weft
  await expect(compositionsAsked(away, ['calm'], () => {})).rejects.toMatchObject({ code: 'edge_unreachable' })
})

test('a name alone that is neither route nor adapter is said to be neither, with what is near', async () => {
  await expect(compositionsAsked(weft, ['clam'], () => {})).rejects.toMatchObject({
    status: 404,
    message: 'there is no adapter or route "clam"; did you mean "style/whale", "calm"?',
  })
  await expect(compositionsAsked(weft, ['soon'], () => {})).rejects.toMatchObject({ message: 'it is being trained' })
  // One that comes from a file need not be published.
  expect(await compositionsAsked(weft, ['clam'], () => {}, ['clam'])).toEqual(['clam'])
})

test('what is written twice is refused, however it is spelled; what a route stands for besides is there once', async () => {
  await expect(compositionsAsked(weft, ['a+b', 'a + b'], () => {})).rejects.toMatchObject({
    message: '"a + b" is "a+b" over again, and would be measured the same; say it once.',
  })
  expect(await compositionsAsked(weft, ['tried', 'a+b'], () => {})).toHaveLength(2)
})
