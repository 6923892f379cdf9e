import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { inputText } from './input-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'weft-input-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('a file of texts that is no UTF-8 is refused, and not read with other letters', () => {
  const path = join(folder, 'latin1.txt')
  writeFileSync(path, Buffer.from('caf\u00e9\n', 'latin1'))
  expect(() => inputText(path, 'a file of texts')).toThrow(expect.objectContaining({ code: 'not_a_text', exitCode: 2 }))
  writeFileSync(path, 'caf\u00e9\n')
  expect(inputText(path, 'a file of texts')).toBe('caf\u00e9\n')
})
