import type { RouteObject } from '@weft/protocol'
import { samplingFields } from '@weft/protocol/wire/inference/sampling'
import { expect, test } from 'vitest'
import { numberFault } from '../../controls/number-bounds.ts'
import { changed, saidByRoute, settingBounds, settingsAreWrong, settingsFor, startSettings } from './settings.ts'

test('the bounds are those of the API', () => {
  const tried = [-1, 0, 0.5, 1, 1.5, 2, 2.5, 1e6, 1e6 + 1, 2 ** 53 - 1, 2 ** 53]
  for (const name of ['maxTokens', 'temperature', 'topP', 'seed'] as const)
    for (const value of tried)
      expect(numberFault(value, settingBounds[name]) === undefined, `${name} ${value}`).toBe(samplingFields[name].safeParse(value).success)
})

test('a number that would be refused, or none, is known before anything is asked', () => {
  expect(settingsAreWrong(startSettings)).toBe(false)
  expect(settingsAreWrong({ ...startSettings, topP: 1.5 })).toBe(true)
  expect(settingsAreWrong({ ...startSettings, seed: Number.NaN })).toBe(true)
})

test("a route's own defaults stay in force until somebody types another number", () => {
  const route = { name: 'short', defaults: { temperature: 0, maxTokens: 3 } } as RouteObject
  expect(settingsFor(startSettings, route)).toMatchObject({ temperature: undefined, maxTokens: undefined, seed: 7 })
  expect(saidByRoute(startSettings, route)).toBe('most tokens 3, temperature 0')
  const typed = changed(startSettings, 'temperature', 0.7)
  expect(settingsFor(typed, route)).toMatchObject({ temperature: 0.7, maxTokens: undefined })
  expect(saidByRoute(typed, route)).toBe('most tokens 3')
  expect(saidByRoute(startSettings, { name: 'plain' } as RouteObject)).toBe('')
  // What nobody asked for is not refused for its length.
  const bounded = { name: 'bounded', policy: { maxTokens: 16 } } as RouteObject
  expect(settingsFor(startSettings, bounded)).toMatchObject({ maxTokens: 16, temperature: 0.7 })
  expect(settingsFor(changed(startSettings, 'maxTokens', 20), bounded).maxTokens).toBe(20)
  expect(settingsFor(startSettings, undefined)).toBe(startSettings)
})
