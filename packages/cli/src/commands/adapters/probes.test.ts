import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { probes, probesIn } from './probes.ts'

const folder = mkdtempSync(join(tmpdir(), 'weft-probes-'))
const fileOf = (rows: readonly object[]): string => {
  const file = join(folder, `${rows.length}.jsonl`)
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  return file
}
const rows = (count: number) => Array.from({ length: count }, (_, i) => ({ prompt: `question ${i}` }))

test.each([0, 65])('a file of %i probes is refused with how many there may be', (count) => {
  expect(() => probesIn(fileOf(rows(count)))).toThrow(`it has ${count} rows; 1 to 64 are expected`)
})

test('a row that is no probe is named', () => {
  expect(() => probesIn(fileOf([...rows(2), { prompt: 7 }]))).toThrow(/\(row 3\)/)
  expect(probesIn(fileOf(rows(2)))).toHaveLength(2)
})

test('carrying some and carrying none is refused before anything is asked', async () => {
  const asked = probes()
    .exitOverride()
    .parseAsync(['a/b', '--file', fileOf(rows(2)), '--delete', '--url', 'http://127.0.0.1:9'], { from: 'user' })
  await expect(asked).rejects.toThrow('give one of them')
})
