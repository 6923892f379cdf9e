import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { benchFile } from './file.ts'

const folder = mkdtempSync(join(tmpdir(), 'weft-bench-file-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const model = fileURLToPath(new URL('.', import.meta.resolve('@weft/base-model/package.json')))

test('tokens of a file are counted without padding, in the batches of a job', async () => {
  const data = join(folder, 'rows.jsonl')
  const texts = ['The sea.', 'Call me Ishmael, and ask no more.', 'Some years ago.', 'A whale of no common magnitude was seen from the deck at noon.']
  writeFileSync(data, texts.map((text) => `${JSON.stringify({ text })}\n`).join(''))
  const result = await benchFile({ model, method: 'prompt-tuning', batch: 2, tokens: 8, virtualTokens: 4, steps: 2, data })
  expect(result).toMatchObject({ file_rows: 4, file_steps: 2 })
  expect(result.real_tokens_per_s).toBeGreaterThan(0)
  expect(result.padding_share).toBeGreaterThan(0)
  expect(result.padding_share).toBeLessThan(1)
})

test('a file whose rows have labels is classified; one label is not enough', async () => {
  const data = join(folder, 'labels.jsonl')
  const rows = (labels: string[]): void => writeFileSync(data, labels.map((label, i) => `${JSON.stringify({ text: `Mail ${i}.`, label })}\n`).join(''))
  rows(['spam', 'ham', 'news', 'ham'])
  const options = { model, method: 'prompt-tuning', batch: 2, tokens: 8, virtualTokens: 4, steps: 1, data }
  expect(await benchFile(options)).toMatchObject({ file_rows: 4, file_steps: 1 })
  rows(['ham', 'ham'])
  await expect(benchFile(options)).rejects.toMatchObject({ code: 'labels_too_few' })
})
