import { rm } from 'node:fs/promises'
import { writeTinyBert } from '@weft/test/models/tiny-bert'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ModelSession, openSession } from './index.ts'

const texts = ['anna lives in london', 'the boat and the sailor', 'bert lives in paris', 'call the sailor', 'anna and bert', 'the call and the boat']
const about = (text: string): string => (/anna|bert/.test(text) ? 'people' : 'work')
const length = (text: string): string => (text.split(' ').length > 3 ? 'long' : 'short')
const rows = texts.flatMap((text) => [
  { text, task: 'about', label: about(text) },
  { text, task: 'length', label: length(text) },
])
const words = texts.flatMap((text) => [
  { tokens: text.split(' '), task: 'name', labels: text.split(' ').map((word) => (/anna|bert|london|paris/.test(word) ? 'yes' : 'no')) },
  { tokens: text.split(' '), task: 'article', labels: text.split(' ').map((word) => (word === 'the' ? 'yes' : 'no')) },
])
const hyperparameters = { maxSteps: 120, batchSize: 6, learningRate: 0.05 }

let folder: string
let session: ModelSession
beforeAll(async () => {
  folder = writeTinyBert({})
  session = await openSession(folder, { threads: 1 })
})
afterAll(async () => {
  await session.close()
  await rm(folder, { recursive: true })
})

test('two tasks share one prompt, each with a head of its own', async () => {
  const { metrics } = await session.train('both', {
    method: 'p-tuning-v2',
    config: { numVirtualTokens: 4 },
    task: 'SEQ_CLS',
    rows,
    heldOut: rows,
    hyperparameters,
  })
  expect(metrics).toMatchObject({ accuracy: 1, 'rows.about/people': 3, 'correct.length/short': 2 })
  expect(session.adapter('both').manifest).toMatchObject({
    labels: ['about/people', 'about/work', 'length/long', 'length/short'],
    labelTasks: ['about', 'about', 'length', 'length'],
  })
  const answers = await session.classifyTasks('both', texts)
  expect(answers.map(({ tasks }) => [tasks.about, tasks.length].map((answer) => 'label' in answer && answer.label))).toEqual(
    texts.map((text) => [about(text), length(text)]),
  )
  for (const answer of Object.values(answers[0].tasks)) expect(Object.values('scores' in answer ? answer.scores : {}).reduce((a, b) => a + b)).toBeCloseTo(1, 6)
  await expect(session.classify('both', texts)).rejects.toMatchObject({ code: 'head_of_several_tasks', message: expect.stringContaining('"about", "length"') })
})

test('… and so may tasks that label words', async () => {
  await session.train('words', { method: 'p-tuning-v2', config: { numVirtualTokens: 4 }, task: 'TOKEN_CLS', rows: words, heldOut: words, hyperparameters })
  const answers = await session.classifyTasks('words', texts)
  const labels = (i: number, task: string) => {
    const answer = answers[i].tasks[task]
    return 'tokens' in answer && answer.tokens.map(({ label }) => label)
  }
  for (const [i, { task, labels: expected }] of words.entries()) expect(labels(i >> 1, task)).toEqual(expected)
})

test('tasks are named in all rows or in none', async () => {
  await expect(
    session.train('mixed', { method: 'p-tuning-v2', task: 'SEQ_CLS', rows: [...rows, { text: 'x', label: 'y' }], hyperparameters }),
  ).rejects.toMatchObject({ code: 'task_missing' })
})
