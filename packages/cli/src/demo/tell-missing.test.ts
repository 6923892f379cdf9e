import type { WeftClient } from '@weft/client'
import { expect, test } from 'vitest'
import { tellMissing } from './run-demo.ts'

const told = async (published: { name: string; base: string }[]): Promise<[string, object, string][]> => {
  const said: [string, object, string][] = []
  const weft = {
    health: async () => ({ runner: { reachable: true, models: [{ fingerprint: 'x' }] } }),
    adapters: { list: async () => published.map(({ name, base }) => ({ name, base: { fingerprint: base } })) },
  } as unknown as WeftClient
  await tellMissing({ weft, say: (...all) => said.push(all), signal: new AbortController().signal })
  return said
}

test('a start without the demo says which adapters the examples will not find, those for another model among them', async () => {
  const [said, ...others] = await told([
    { name: 'style/whale', base: 'x' },
    { name: 'mail/spam', base: 'y' },
  ])
  expect(others).toEqual([])
  expect(said).toMatchObject(['without_demo', { adapters: ['mail/spam', 'style/speech'] }, expect.stringContaining('A start without --no-demo trains them.')])
})

test('and nothing where they are there from an earlier start', async () => {
  expect(await told(['mail/spam', 'style/speech', 'style/whale'].map((name) => ({ name, base: 'x' })))).toEqual([])
})
