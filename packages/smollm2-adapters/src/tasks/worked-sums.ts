import { type Draw, rowsOf } from './draw.ts'
import type { Question, QuestionTask } from './task.ts'

const system = 'Solve step by step. End with "Answer:" and the number.'

const names = ['Anna', 'Ben', 'Clara', 'David', 'Emma', 'Felix', 'Grace', 'Hugo', 'Ida', 'Jonas', 'Karim', 'Lena', 'Mara', 'Nils', 'Omar', 'Paula']
const things = ['pens', 'apples', 'stamps', 'marbles', 'cards', 'shells', 'books', 'buttons', 'coins', 'nuts']
const packs = ['boxes', 'bags', 'jars', 'packs', 'trays']

const worked = (user: string, steps: readonly string[], answer: number): Question => ({
  system,
  user,
  completion: `${steps.join(' ')} Answer: ${answer}`,
  answer: String(answer),
})

/** Two or three sums each, in words. */
const stories: ((draw: Draw) => Question)[] = [
  (draw) => {
    const [who, what, pack, n, m] = [draw.of(names), draw.of(things), draw.of(packs), draw.whole(2, 9), draw.whole(3, 9)]
    const k = draw.whole(1, n * m - 1)
    return worked(
      `${who} has ${n} ${pack} of ${what}. There are ${m} ${what} in each. ${who} gives away ${k}. How many ${what} are left?`,
      [`${n} * ${m} = ${n * m}.`, `${n * m} - ${k} = ${n * m - k}.`],
      n * m - k,
    )
  },
  (draw) => {
    const [who, other, what, a, b] = [draw.of(names.slice(0, 8)), draw.of(names.slice(8)), draw.of(things), draw.whole(3, 40), draw.whole(2, 20)]
    return worked(
      `${who} has ${a} ${what}. ${other} has ${b} more than ${who}. How many ${what} do they have together?`,
      [`${a} + ${b} = ${a + b}.`, `${a} + ${a + b} = ${a + a + b}.`],
      a + a + b,
    )
  },
  (draw) => {
    const [who, a, left] = [draw.of(names), draw.whole(5, 30), draw.whole(3, 40)]
    const pages = 3 * a + left
    return worked(
      `A book has ${pages} pages. ${who} reads ${a} pages on Monday and twice as many on Tuesday. How many pages are left to read?`,
      [`2 * ${a} = ${2 * a}.`, `${a} + ${2 * a} = ${3 * a}.`, `${pages} - ${3 * a} = ${left}.`],
      left,
    )
  },
  (draw) => {
    const [who, n, m, note] = [draw.of(names), draw.whole(2, 9), draw.whole(2, 5), draw.of([50, 100])]
    return worked(
      `${who} buys ${n} tickets at ${m} euros each and pays with a note of ${note} euros. How much money does ${who} get back?`,
      [`${n} * ${m} = ${n * m}.`, `${note} - ${n * m} = ${note - n * m}.`],
      note - n * m,
    )
  },
  (draw) => {
    const a = draw.whole(15, 50)
    const [b, c, d] = [draw.whole(2, 12), draw.whole(2, 12), draw.whole(2, 12)]
    return worked(
      `A bus starts with ${a} people. At the first stop ${b} get off and ${c} get on. At the second stop ${d} get on. How many people are in the bus?`,
      [`${a} - ${b} = ${a - b}.`, `${a - b} + ${c} = ${a - b + c}.`, `${a - b + c} + ${d} = ${a - b + c + d}.`],
      a - b + c + d,
    )
  },
]

/** Stories that are never learned: the sums are of the same kinds. */
const unseenStories: ((draw: Draw) => Question)[] = [
  (draw) => {
    const [rows, seats] = [draw.whole(3, 9), draw.whole(4, 9)]
    const taken = draw.whole(2, rows * seats - 1)
    return worked(
      `A hall has ${rows} rows with ${seats} seats in every row. ${taken} seats are taken. How many seats are free?`,
      [`${rows} * ${seats} = ${rows * seats}.`, `${rows * seats} - ${taken} = ${rows * seats - taken}.`],
      rows * seats - taken,
    )
  },
  (draw) => {
    const [who, morning, noon] = [draw.of(names), draw.whole(5, 40), draw.whole(5, 40)]
    const sold = draw.whole(2, morning + noon - 1)
    return worked(
      `${who} bakes ${morning} rolls in the morning and ${noon} rolls at noon. ${sold} rolls are sold. How many rolls does ${who} still have?`,
      [`${morning} + ${noon} = ${morning + noon}.`, `${morning + noon} - ${sold} = ${morning + noon - sold}.`],
      morning + noon - sold,
    )
  },
]

/** A chain of thought: short problems, every sum written out before the answer (Wei et al. 2022). */
export const workedSums = (heldOut: number): QuestionTask => {
  const training = rowsOf(stories, 960, 'sums/training')
  return {
    kind: 'questions',
    name: 'thought/sums',
    method: 'lora',
    config: { r: 4, loraAlpha: 16 },
    hyperparameters: { maxSteps: 90, batchSize: 4, learningRate: 2e-3 },
    training,
    heldOut: { 'new numbers': rowsOf(stories, heldOut, 'sums/held-out', training), 'new stories': rowsOf(unseenStories, heldOut, 'sums/unseen') },
    prompts: {
      'the same instruction': {},
      'the same and five worked examples': { examples: training.slice(0, 5) },
    },
    maxTokens: 96,
    keepsForm: (text) => /Answer: *\d+/.test(text),
    says: (text, answer) => (/Answer: *(\d+)/.exec(text)?.[1] ?? text.match(/\d+/g)?.at(-1)) === answer,
  }
}
