import { expect, test } from 'vitest'
import { addressOf, readPlace } from './location.ts'

test('an address leads to the page and the name that it was made of', () => {
  for (const name of ['style/speech@2', 'a.b-c_d', '50 % off?#/x'])
    expect(readPlace(addressOf('adapters', name), '')).toMatchObject({ page: 'adapters', rest: name })
})

test('a percent sign that begins no letter stands for itself: a page is shown, and not nothing', () => {
  expect(readPlace('/console/adapters/100%/%E0%A4/%41', '')).toMatchObject({ page: 'adapters', rest: '100%/%E0%A4/A' })
})
