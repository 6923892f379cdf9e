import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { outputFolder } from './output-folder.ts'

test('a home folder that no shell has written out is refused, and no folder named "~" is made', () => {
  expect(() => outputFolder('~/out')).toThrow(expect.objectContaining({ code: 'folder_unwritable', message: expect.stringContaining('begins with "~"') }))
  expect(existsSync('~')).toBe(false)
})
