import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadModel } from '@weft/model'
import type { TrainingSpec } from '@weft/protocol'
import { tokenizeRows } from '@weft/training'
import { rowTokenizer } from '@weft/training/data/row-tokenizer'
import { afterAll, expect, test } from 'vitest'
import { benchCompose } from '../run.ts'
import { keptAt } from '../train-adapter.ts'
import { cutRows } from './cut-rows.ts'
import { tasksOfFolder } from './tasks-folder.ts'

const scratch = mkdtempSync(join(tmpdir(), 'weft-tasks-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const model = fileURLToPath(new URL('.', import.meta.resolve('@weft/base-model/package.json')))

interface Files {
  task: unknown
  train?: unknown[]
  heldout?: unknown[]
  unlabelled?: unknown[]
}
const folderOf = (name: string, tasks: Record<string, Files>): string => {
  const folder = join(scratch, name)
  for (const [task, { task: settings, ...files }] of Object.entries(tasks)) {
    mkdirSync(join(folder, task), { recursive: true })
    writeFileSync(join(folder, task, 'task.json'), JSON.stringify(settings))
    for (const [file, rows] of Object.entries(files)) writeFileSync(join(folder, task, `${file}.jsonl`), rows.map((row) => JSON.stringify(row)).join('\n'))
  }
  return folder
}

const style = (words: string): Files => {
  const texts = [1, 2, 3].map((i) => ({ text: `${words} for the ${i}th time, and the day was long.` }))
  return { task: { kind: 'style' }, train: texts, heldout: texts, unlabelled: texts }
}
const label = (question: string, answers: string[]): Files => {
  const rows = answers.map((completion, i) => ({ prompt: `Mail ${i}. ${question}`, completion }))
  return { task: { kind: 'label', answers }, train: rows, heldout: rows, unlabelled: rows.map(({ prompt }) => ({ prompt })) }
}

test('two to six tasks from folders, composed and beside one adapter for both', async () => {
  // Two of the answers begin alike.
  const tasks = folderOf('good', { base: label('Which is it?', [' spam', ' spam mail', ' ham']), sea: style('We went to sea') })
  const options = { model, method: 'parallel-prefix', phase: 'locality', operator: 'experts', tasks, maxLength: 32, steps: 2, phaseSteps: 2, eval: 2 } as const
  const rates = { learningRate: 1e-2, phaseLearningRate: 1e-2, localityWeight: 2, probability: 1, virtualTokens: 2, batch: 2, seed: 0, threads: 1 }
  const result = await benchCompose({ ...options, ...rates, settle: true, joint: true, auto: true, keep: join(scratch, 'kept') })
  expect(result.kinds).toEqual({ base: 'label', sea: 'style' })
  expect(Object.keys(result.compositions)).toEqual(['base', 'sea', 'base + sea'])
  expect(Object.keys(result.retention)).toEqual(['base in base + sea', 'sea in base + sea'])
  expect(Object.keys(result.joint!)).toEqual(['base + sea'])
  expect(result).toHaveProperty('ratio_to_joint')
  // What settling costs an adapter that then acts alone; of the other way nothing is printed.
  expect(Object.keys(result.unsettled!)).toEqual(['base', 'sea'])
  expect(Object.keys(result.price_alone!)).toEqual(['base', 'sea'])
  expect(Object.keys(result.auto!.of_oracle)).toEqual(['base', 'sea'])
  // A question about mail and a sentence about the sea are not alike: each finds its own.
  expect(result.auto!.right).toEqual({ base: 1, sea: 1 })
  const again: string[] = []
  await benchCompose({ ...options, ...rates, settle: true, joint: true, keep: join(scratch, 'kept'), onNote: (note) => again.push(note) })
  expect(again.filter((note) => note.endsWith('kept from an earlier run'))).toHaveLength(7)
}, 120_000)

const refused: [string, Record<string, Files>, string, string][] = [
  ['one', { sea: style('We') }, 'tasks_unusable', 'holds 1 folders of tasks'],
  ['kind', { sea: style('We'), odd: { ...style('We'), task: { kind: 'song' } } }, 'task_unusable', '{"kind": "label" | "style" | "format"'],
  ['absent', { sea: style('We'), half: { task: { kind: 'style' }, train: [{ text: 'aa' }] } }, 'task_unusable', 'heldout.jsonl is not there'],
  ['empty', { sea: style('We'), none: { ...style('We'), train: [] } }, 'task_unusable', 'train.jsonl has no rows'],
  ['same', { sea: style('We'), one: label('What?', [' a', ' a']) }, 'task_unusable', 'an answer twice'],
  [
    'fields',
    { sea: style('We'), odd: { ...label('What?', [' a', ' b']), train: [{ prompt: 'x' }] } },
    'task_row_unusable',
    'train.jsonl, line 1 has other fields',
  ],
  [
    'unknown',
    { sea: style('We'), odd: { ...style('We'), heldout: [{ text: 'We went' }, { text: 'We went', source: 'a log' }] } },
    'task_row_unusable',
    'heldout.jsonl, line 2 has other fields (all of it: Unrecognized key: "source")',
  ],
  ['short', { sea: style('We'), odd: { ...style('We'), train: [{ text: 'W' }] } }, 'task_row_unusable', '"two characters or more"'],
  [
    'strange',
    { sea: style('We'), odd: { ...label('What?', [' a', ' b']), heldout: [{ prompt: 'x', completion: ' c' }] } },
    'task_unusable',
    '" c", which is not among',
  ],
  ['name', { sea: style('We'), 'a + b': style('We') }, 'task_unusable', 'a task is called by'],
]
test.each(refused)('refused: %s', (name, tasks, code, says) => {
  const folder = folderOf(name, tasks)
  expect(() => tasksOfFolder(folder, 4, 32)).toThrowError(expect.objectContaining({ code, message: expect.stringContaining(says) }))
})

test('a folder that is not there', () => {
  expect(() => tasksOfFolder(join(scratch, 'nowhere'), 4, 32)).toThrowError(expect.objectContaining({ code: 'task_unusable' }))
})

test('rows that are cut are counted, held-out ones too', async () => {
  const long = { text: 'We went to sea. '.repeat(20) }
  const tasks = folderOf('long', { sea: { ...style('We'), heldout: [long, { text: 'We went.' }] }, land: style('They') })
  const loaded = await loadModel(model)
  expect(cutRows(loaded, tasksOfFolder(tasks, 4, 32))).toEqual({ sea: { rows: 1, of: 5 } })
  expect(cutRows(loaded, tasksOfFolder(tasks, 4, 512))).toEqual({})
})

test('an answer counts with the token that ends it, as it is learned', async () => {
  const loaded = await loadModel(model)
  const [prompt, answer] = ['Where do we go now?', ' We go to sea.']
  const tokenizer = rowTokenizer(loaded)
  const length = tokenizer.encode(prompt + answer).length
  const row = { prompt, answer }
  for (const maxLength of [length - 1, length, length + 1, length + 2]) {
    const found = cutRows(loaded, { tasks: { sea: { kind: 'format', rows: [row], heldOut: [], unlabelled: [], answers: [answer] } }, reference: [], maxLength })
    const learned = [{ line: 1, row: { kind: 'completion' as const, prompt, completion: answer } }]
    const { truncatedRows } = tokenizeRows(learned, { file: 'training', task: 'CAUSAL_LM', tokenizer, maxLength })
    expect([maxLength, found.sea?.rows ?? 0]).toEqual([maxLength, truncatedRows])
  }
})

test('a task that the folder has not is refused before anything is loaded', async () => {
  const tasks = folderOf('only', { sea: style('We'), land: style('They') })
  const options = { model: 'no-such-model', method: 'parallel-prefix', phase: 'none', operator: 'sum', tasks, steps: 1, phaseSteps: 1, eval: 6 } as const
  const rates = { learningRate: 1e-2, phaseLearningRate: 1e-2, localityWeight: 2, probability: 1, virtualTokens: 2, batch: 2, seed: 0 }
  const refused = benchCompose({ ...options, ...rates, only: ['sea', 'air'] })
  await expect(refused).rejects.toMatchObject({ code: 'task_missing', message: expect.stringContaining('There is no task "air"; there are land, sea') })
})

test('what is kept is found again by what it was trained over', () => {
  const spec = { jobId: 'j', name: 'j', method: 'parallel-prefix' } as unknown as TrainingSpec
  const at = (precision?: 'float32' | 'int8') => keptAt({ keep: 'kept', ...(precision && { precision }) }, spec, ['rows'])
  expect(at('int8')).not.toBe(at())
  expect(at('float32')).toBe(at())
})

test('a length that nothing reads is refused', async () => {
  const options = { model, method: 'parallel-prefix', phase: 'none', operator: 'sum', maxLength: 32, steps: 1, phaseSteps: 1, eval: 6 } as const
  const rates = { learningRate: 1e-2, phaseLearningRate: 1e-2, localityWeight: 2, probability: 1, virtualTokens: 2, batch: 2, seed: 0 }
  await expect(benchCompose({ ...options, ...rates })).rejects.toMatchObject({ code: 'option_unread', message: expect.stringContaining('--tasks') })
})
