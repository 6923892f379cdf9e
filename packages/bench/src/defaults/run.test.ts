import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeTinyBert } from '@weft/test/models/tiny-bert'
import { afterAll, expect, test } from 'vitest'
import { bestOf, comparisonOf } from './comparison.ts'
import { overSeeds } from './over-seeds.ts'
import { benchDefaults } from './run.ts'
import type { TrainingRecord } from './training-log.ts'

const scratch = mkdtempSync(join(tmpdir(), 'weft-defaults-'))
const model = writeTinyBert()
afterAll(() => {
  for (const folder of [scratch, model]) rmSync(folder, { recursive: true, force: true })
})

const folderOf = (name: string, files: Record<string, unknown[]>): string => {
  const folder = join(scratch, name)
  mkdirSync(join(folder, 'where'), { recursive: true })
  for (const [file, rows] of Object.entries(files)) writeFileSync(join(folder, 'where', `${file}.jsonl`), rows.map((row) => JSON.stringify(row)).join('\n'))
  return folder
}
const rows = ['anna lives in london', 'the boat and the sailor', 'bert lives in paris', 'call the sailor'].map((text, i) => ({
  text,
  label: i % 2 ? 'sea' : 'land',
}))
const options = { model, methods: ['ia3'], steps: 2, batch: 2, maxLength: 16, pooling: 'mean', seeds: [0], threads: 1 } as const

test('a method on a task: nine settings are trained with two seeds, and a run that broke off goes on with what is missing', async () => {
  const tasks = folderOf('small', { train: rows, validation: rows, heldout: rows.slice(0, 3) })
  const keep = join(scratch, 'keep')
  const first = await benchDefaults({ ...options, seeds: [0, 1], tasks, keep })
  expect(first.rows).toEqual({ where: { training: 4, validation: 4, held_out: 3 } })
  expect(first.comparisons).toMatchObject([
    { task: 'where', method: 'ia3', score: 'accuracy', setting: 'targetModules', points: 9, default: { learning_rate: expect.any(Number), value: null } },
  ])
  const [{ ratio, default: usual, best }] = first.comparisons
  expect(ratio).toBe(usual.held_out! / best.held_out!)
  expect(best.validation!).toBeGreaterThanOrEqual(usual.validation!)

  expect(first.seeds).toEqual([0, 1])
  expect(usual.held_out_by_seed).toHaveLength(2)
  expect(usual.held_out).toBe((usual.held_out_by_seed[0] + usual.held_out_by_seed[1]) / 2)

  // Most of the lines, the last of them half written: what is missing is trained again, and gives the same.
  const file = join(keep, 'trainings.jsonl')
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  writeFileSync(file, `${lines.slice(0, 13).join('\n')}\n${lines[13].slice(0, 30)}`)
  const trained: string[] = []
  const second = await benchDefaults({ ...options, seeds: [0, 1], tasks, keep, onNote: (text) => trained.push(text) })
  expect(second.comparisons).toEqual(first.comparisons)
  expect(trained.filter((text) => text.includes('validation'))).toHaveLength(5)
  const third: string[] = []
  const [alone] = (await benchDefaults({ ...options, seeds: [1], tasks, keep, onNote: (text) => third.push(text) })).comparisons
  expect(alone.default.held_out_by_seed).toEqual([usual.held_out_by_seed[1]])
  expect(third.filter((text) => text.includes('validation'))).toEqual([])
})

test('over seeds: means, and nothing where training broke down with one of them', () => {
  const [first, second, broken] = [record(1, 0.8, 0.5, 0.7), record(1, 0.6, 0.7, 0.5), record(1, null, 0, 0)]
  const found = overSeeds([first, second])
  expect(found.validation!.accuracy).toBeCloseTo(0.7, 12)
  expect(found.heldOut!.accuracy).toBeCloseTo(0.6, 12)
  expect(found.heldOutBySeed).toEqual([{ accuracy: 0.7 }, { accuracy: 0.5 }])
  expect(overSeeds([first, broken])).toMatchObject({ validation: null })
  expect(overSeeds([first, broken])).not.toHaveProperty('heldOut')
})

const record = (learningRate: number, accuracy: number | null, loss: number, heldOut: number): TrainingRecord => ({
  key: String(learningRate),
  task: 't',
  method: 'm',
  learningRate,
  setting: 'r',
  value: 8,
  steps: 1,
  seed: 0,
  validation: accuracy === null ? null : { accuracy, loss },
  ...(accuracy !== null && { heldOut: { accuracy: heldOut } }),
  seconds: 0,
})

test('the best is chosen on validation rows alone, by accuracy and then by loss; what broke down is never it', () => {
  const records = [record(1, 0.8, 0.5, 0.7), record(2, 0.9, 0.4, 0.6), record(3, 0.9, 0.3, 0.5), record(4, null, 0, 0)].map((of) => overSeeds([of]))
  const best = bestOf(records)
  expect(best.learningRate).toBe(3)
  expect(comparisonOf(records, records[0], best)).toMatchObject({ ratio: 0.7 / 0.5, at_edge: false, points: 4 })
  expect(comparisonOf(records, records[3], best)).toMatchObject({ ratio: 0, default: { held_out: null } })
  expect(() => bestOf([records[3]])).toThrow(expect.objectContaining({ code: 'all_broke_down' }))
})

test.each([
  ['rows of two kinds', { train: rows, validation: [{ text: 'a text' }], heldout: rows }, 'task_unusable'],
  ['a field that nothing reads', { train: [{ ...rows[0], note: 1 }], validation: rows, heldout: rows }, 'task_row_unusable'],
  ['no held-out rows', { train: rows, validation: rows }, 'task_unusable'],
])('%s: refused before anything is trained', async (name, files, code) => {
  await expect(benchDefaults({ ...options, tasks: folderOf(name.replace(/\W/g, '-'), files as Record<string, unknown[]>) })).rejects.toMatchObject({ code })
})

test('a method without a grid, and a task that is not there: refused before anything is trained', async () => {
  const tasks = folderOf('small', { train: rows, validation: rows, heldout: rows })
  const onNote = (text: string) => expect.unreachable(text)
  await expect(benchDefaults({ ...options, tasks, methods: ['ia3', 'linear-probe'], onNote })).rejects.toMatchObject({ code: 'no_search_space' })
  await expect(benchDefaults({ ...options, tasks, only: ['when'] })).rejects.toMatchObject({ code: 'task_missing' })
})
