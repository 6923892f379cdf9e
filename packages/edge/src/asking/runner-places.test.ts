import { WeftError } from '@weft/adapters'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RunnerPlaces } from './runner-places.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const full = new WeftError('too_many_waiting', 'This tenant has 2 requests in hands.', { status: 429, details: { places: 2, retry_after: 7 } })
const refusal = expect.objectContaining({ code: 'too_many_waiting', status: 429, message: full.message, details: full.details })

/** A tenant with two requests in the runner's hands, whose third was refused. */
const crowded = () => {
  const places = new RunnerPlaces()
  const held = [places.take('a'), places.take('a')]
  places.take('a').failed(full)
  return { places, held }
}

test("the runner's refusal holds for the tenant's next requests, in its words, and for nobody else's", () => {
  const { places } = crowded()
  for (let i = 0; i < 3; i++) expect(() => places.take('a')).toThrow(refusal)
  expect(() => places.take('b')).not.toThrow()
})

test('one is let through for each that has left', () => {
  const { places, held } = crowded()
  for (const place of held) place.left()
  places.take('a')
  places.take('a')
  expect(() => places.take('a')).toThrow(refusal)
})

test('one that fails for another reason leaves its place too', () => {
  const { places, held } = crowded()
  held[0]!.failed(new WeftError('runner_unavailable', 'gone', { status: 503 }))
  places.take('a').failed(new WeftError('model_not_found', 'no such model', { status: 404 }))
  places.take('a')
  expect(() => places.take('a')).toThrow(refusal)
})

test('every quarter of a second one is let through to see; while it asks the others are refused, and once it was answered none is', () => {
  const { places } = crowded()
  vi.advanceTimersByTime(250)
  places.take('a').failed(full)
  expect(() => places.take('a')).toThrow(refusal)
  vi.advanceTimersByTime(250)
  const toSee = places.take('a')
  expect(() => places.take('a')).toThrow(refusal)
  toSee.answered()
  for (let i = 0; i < 3; i++) places.take('a').answered()
})

test('one let through for another that left tells nothing of further places', () => {
  const { places, held } = crowded()
  held[0]!.left()
  places.take('a').answered()
  expect(() => places.take('a')).toThrow(refusal)
})

test('a refusal about one model of several is remembered for no other', () => {
  const places = new RunnerPlaces()
  places.take('a').failed(new WeftError('too_many_waiting', '64 requests already wait for this model', { status: 429, details: { retry_after: 1 } }))
  expect(() => places.take('a')).not.toThrow()
})

test('one is let through to see once the clock was set back', () => {
  const { places } = crowded()
  vi.setSystemTime(Date.now() - 3_600_000)
  expect(() => places.take('a')).not.toThrow()
  expect(() => places.take('a')).toThrow(refusal)
})
