import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { bin, nowhere } from '../../test/typed.ts'
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

test.each([['run'], ['score'], ['embed'], ['classify']])('what is piped into weft %s is no exception', (command) => {
  const { status, stderr } = spawnSync(process.execPath, [bin, command, 'base', '--url', nowhere], {
    input: Buffer.from('caf\u00e9', 'latin1'),
    encoding: 'utf8',
  })
  expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('What is piped in is no UTF-8 text') })
})

test.each([['run'], ['classify']])('a folder that is piped into weft %s is told as what it is', (command) => {
  const stdin = openSync(folder, 'r')
  try {
    const { status, stderr } = spawnSync(process.execPath, [bin, command, 'base', '--url', nowhere], { stdio: [stdin, 'pipe', 'pipe'], encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 2, stderr: 'weft: What is piped in is a folder; expected a text.\n' })
  } finally {
    closeSync(stdin)
  }
})
