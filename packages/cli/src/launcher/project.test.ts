import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { root, stateFolder } from './project.ts'

const config = '/projects/mail/weft.config.ts'

test('data lies where the option says, else the configuration, beside which its path begins, else in the project', () => {
  expect(stateFolder({ state: 'data', config }, { state: 'other' })).toBe(resolve('data'))
  expect(stateFolder({ config }, { state: 'other' })).toBe('/projects/mail/other')
  expect(stateFolder({ config })).toBe(join(root, '.weft'))
})

test('a home folder that no shell has written out is refused, and no folder named "~" is made', () => {
  for (const [option, configured] of [['~/weft'], ['~'], ['~weft/data'], [undefined, '~/weft']] as const)
    expect(() => stateFolder({ ...(option && { state: option }), config }, { ...(configured && { state: configured }) })).toThrow(
      expect.objectContaining({ code: 'invalid_state', message: expect.stringContaining(`"${option ?? configured}" begins with "~"`) }),
    )
  // What the option says goes before; a name may begin so.
  expect(stateFolder({ state: '/data', config }, { state: '~/weft' })).toBe('/data')
  expect(stateFolder({ state: '~x.d', config })).toBe(resolve('~x.d'))
})
