import { samplingFields } from '@weft/protocol/wire/inference/sampling'
import { expect, test } from 'vitest'
import { numberFault } from '../../controls/number-bounds.ts'
import { settingBounds, settingsAreWrong, startSettings } from './settings.ts'

test('the bounds are those of the API', () => {
  const tried = [-1, 0, 0.5, 1, 1.5, 2, 2.5, 1e6, 1e6 + 1, 2 ** 53 - 1, 2 ** 53]
  for (const name of ['maxTokens', 'temperature', 'topP', 'seed'] as const)
    for (const value of tried)
      expect(numberFault(value, settingBounds[name]) === undefined, `${name} ${value}`).toBe(samplingFields[name].safeParse(value).success)
})

test('a number that would be refused, or none, is known before anything is asked', () => {
  expect(settingsAreWrong(startSettings)).toBe(false)
  expect(settingsAreWrong({ ...startSettings, topP: 0 })).toBe(true)
  expect(settingsAreWrong({ ...startSettings, seed: Number.NaN })).toBe(true)
})
