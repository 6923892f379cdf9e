import { expect, test } from 'vitest'
import { addressOf, readPlace, rootOf } from './location.ts'

test('an address leads to the page and the name that it was made of', () => {
  for (const name of ['style/speech@2', 'a.b-c_d', '50 % off?#/x'])
    expect(readPlace(addressOf('adapters', name), '')).toMatchObject({ page: 'adapters', rest: name })
})

test('a percent sign that begins no letter stands for itself: a page is shown, and not nothing', () => {
  expect(readPlace('/console/adapters/100%/%E0%A4/%41', '')).toMatchObject({ page: 'adapters', rest: '100%/%E0%A4/A' })
})

test('the pages lie where the scripts came from: an edge may lie beneath a path of its host, one called console, too', () => {
  expect(rootOf('https://host/console/assets/index-1a2b.js')).toBe('/console')
  expect(rootOf('https://host/tools/weft/console/assets/index-1a2b.js')).toBe('/tools/weft/console')
  expect(rootOf('https://host/console/assets/console/assets/index-1a2b.js')).toBe('/console/assets/console')
})
