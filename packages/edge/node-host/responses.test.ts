import type { ResponseObject } from '@weft/protocol'
import { expect, test } from 'vitest'
import { memoryResponses } from './memory-responses.ts'

const item = (id: string) => ({ type: 'function_call' as const, id, status: 'completed' as const, callId: id, name: 'f', arguments: '{}' })
const response = (id: string, previousResponseId: string | null) => ({ id, previousResponseId, output: [item(`out-${id}`)] }) as unknown as ResponseObject

test('a host without a database keeps conversations as long', async () => {
  let now = 0
  const store = memoryResponses(() => now)
  await store.put({ response: response('a', null), input: [item('in-a')], expiresAt: 10 })
  await store.put({ response: response('b', 'a'), input: [item('in-b')], expiresAt: 20 })
  await store.put({ response: response('c', null), input: [], expiresAt: 10 })
  now = 15
  const { items, read } = (await store.conversation('b'))!
  expect([items.map(({ id }) => id), read]).toEqual([['in-a', 'out-a', 'in-b', 'out-b'], 3])
  expect([...(await store.items(['in-a', 'out-b', 'out-c'])).keys()]).toEqual(['in-a', 'out-b'])
  expect(await store.get('c')).toBeUndefined()
  expect(await store.delete('a')).toBe(true)
  expect(await store.conversation('b')).toMatchObject({ broken: { oldest: 'b', missing: 'a' } })
})
