import { tinySession } from '@weft/test/models/tiny-session'
import { expect, test } from 'vitest'
import type { QuestionTask, StyleTask } from '../tasks/task.ts'
import { trainTask } from '../train-task.ts'
import { measured, measuredBase } from './figures.ts'

const theSession = tinySession()
const question = { system: 'the', user: 'in the air', completion: 'thread', answer: 'thread' }
const trained = { config: { numVirtualTokens: 4 }, method: 'prefix-tuning', hyperparameters: { maxSteps: 100, batchSize: 2, learningRate: 0.03 } }

const questions: QuestionTask = {
  ...trained,
  kind: 'questions',
  name: 'a/b',
  training: [question, question],
  heldOut: { all: [question] },
  prompts: { plain: {}, longer: { system: 'in', examples: [question] } },
  maxTokens: 16,
  choices: ['thread', 'air'],
  keepsForm: (text) => !text.includes('\n'),
  says: (text, answer) => text === answer,
}

test('an adapter is measured as it is in its file, and the base in each way in which it is asked', async () => {
  const session = theSession()
  const file = await trainTask(session, questions, 1)
  expect(session.adapter('a/b').manifest.training?.seed).toBe(1)
  expect(file.length).toBeLessThan(20_000)
  expect(await measured(session, 'a/b', questions)).toMatchObject({ all: { rows: 1, exact: 1, form: 1, right: 1 } })
  const base = await measuredBase(session, questions)
  expect(Object.keys(base)).toEqual(['plain', 'longer'])
  for (const { all } of Object.values(base)) expect(all.form).toBe(1)
})

test('a style is measured by perplexity and by words', async () => {
  const passages = ['the thread in the air and so it is', 'and so the weft is drawn in the air']
  const style: StyleTask = { ...trained, kind: 'style', name: 'c', training: passages, heldOut: passages, instruction: 'the weft: ', openings: ['the'] }
  const session = theSession()
  await trainTask(session, style, 2)
  const { 'new chapters': own } = await measured(session, 'c', style)
  const { 'no instruction': bare } = await measuredBase(session, style)
  expect(own.perplexity).toBeLessThan(bare['new chapters'].perplexity)
  expect(own.distance).toBeGreaterThanOrEqual(0)
})
