import { readAdapter } from '@weft/adapters'
import { tinyBase, tinyModel } from '@weft/test/cases/tiny-adapters'
import { expect, test } from 'vitest'
import { fuzzAdapters, fuzzExpressions, fuzzTrainingFiles } from './in-process.ts'
import type { FuzzReport } from './report.ts'
import { validAdapter } from './valid-adapter.ts'

/** Nothing of ours broke, and the inputs were of both kinds: taken and refused. */
const sound = ({ failures, byStatus, sent }: FuzzReport, runs: number): void => {
  expect(failures).toEqual([])
  expect(sent).toBe(runs)
  expect(byStatus[200]).toBeGreaterThan(runs / 200)
  expect(sent - byStatus[200]).toBeGreaterThan(runs / 10)
}

test('1,000 damaged adapter files are read or refused by code', async () => {
  const valid = await validAdapter(tinyBase, tinyModel.hiddenSize)
  const read = (file: Uint8Array) => readAdapter(file, { model: tinyModel, base: tinyBase })
  await expect(read(valid)).resolves.toBeDefined()
  sound(await fuzzAdapters(valid, { seed: 1, runs: 1000, read }), 1000)
})

test('1,000 of them are read or refused where no model is known, as when a runner is away', async () => {
  sound(await fuzzAdapters(await validAdapter(tinyBase, tinyModel.hiddenSize), { seed: 2, runs: 1000 }), 1000)
})

test('2,000 expressions are parsed or refused by code', async () => {
  sound(await fuzzExpressions({ seed: 1, runs: 2000, names: ['style/a', 'style/b', 'note'] }), 2000)
})

test('1,000 training files are read or refused by code', async () => {
  sound(await fuzzTrainingFiles({ seed: 1, runs: 1000 }), 1000)
})
