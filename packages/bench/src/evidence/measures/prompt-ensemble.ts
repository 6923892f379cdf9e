import { cutTask } from '../../defaults/cut.ts'
import type { RunContext } from '../part.ts'
import type { Cell, Values } from '../row.ts'
import { taskOf } from '../tasks.ts'
import { rateOf } from './compose-options.ts'
import { recipe, sessionOf, trainOn } from './train.ts'

export const ensembleCell = (model: string, method: string, task: string, prompts: number, seed: number): Cell => ({
  settings: { measure: 'prompt ensemble', model, method, task, config: {}, prompts, ...recipe, learning_rate: rateOf(method, model) },
  seed,
})

/**
 * Several prompts for one task, which differ by their seeds alone: the accuracy of `each`, of their majority (`vote`, ties by the mean of their probabilities) and
 * of the label whose probability is highest on the mean (`averaged`).
 */
export const promptEnsemble = async (cell: Cell, context: RunContext): Promise<Values> => {
  const prompts = Number(cell.settings.prompts)
  await using session = await sessionOf(cell, context)
  const rows = cutTask(session.model, taskOf(String(cell.settings.task)), Number(cell.settings.max_length))
  const heldOut = rows.heldOut.flatMap((row) => ('label' in row ? [row] : []))
  const texts = heldOut.map(({ text }) => text)
  const answers: Awaited<ReturnType<typeof session.classify>>[] = []
  for (let i = 0; i < prompts; i++) {
    const trained = await trainOn(session, 'prompt', { ...cell, seed: cell.seed * prompts + i }, rows)
    if ('broke_down' in trained) return trained
    answers.push(await session.classify('prompt', texts))
  }
  const accuracy = (labelOf: (row: number) => string): number => heldOut.filter(({ label }, i) => labelOf(i) === label).length / heldOut.length
  const labels = Object.keys(answers[0][0].scores)
  const mean = (row: number, label: string): number => answers.reduce((sum, each) => sum + each[row].scores[label], 0) / prompts
  const votes = (row: number, label: string): number => answers.filter((each) => each[row].label === label).length
  const best = (of: (label: string) => number): string => labels.reduce((a, b) => (of(b) > of(a) ? b : a))
  return {
    each: answers.map((each) => accuracy((row) => each[row].label)),
    vote: accuracy((row) => best((label) => votes(row, label) + mean(row, label))),
    averaged: accuracy((row) => best((label) => mean(row, label))),
  }
}
