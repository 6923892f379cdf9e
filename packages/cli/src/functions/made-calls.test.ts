import { expect, test } from 'vitest'
import { MadeCalls } from './made-calls.ts'

test('calls are put together from their pieces, each on a line', () => {
  const calls = new MadeCalls()
  expect(calls.lines).toEqual([])
  calls.add(undefined)
  calls.add([{ index: 0, id: 'a', type: 'function', function: { name: 'track', arguments: '' } }])
  for (const piece of ['{"parcel"', ': 12345678901234567890,\n"to": "a  b"}']) calls.add([{ index: 0, function: { arguments: piece } }])
  calls.add([{ index: 1, id: 'b', type: 'function', function: { name: 'now', arguments: '{}' } }])
  calls.add([{ index: 2, id: 'c', type: 'function', function: { name: 'track', arguments: '{"parc' } }])
  expect(calls.lines).toEqual(['track({"parcel":12345678901234567890,"to":"a  b"})', 'now({})', 'track({"parc …'])
})
