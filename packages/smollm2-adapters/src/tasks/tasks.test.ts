import { expect, test } from 'vitest'
import { missedTasks, tasks } from './index.ts'
import type { QuestionTask } from './task.ts'

const makers = Object.values({ ...tasks, ...missedTasks })
const made = makers.map((make) => make(32))

test.each(made.map((task) => [task.name, task] as const))('%s: no row that is measured on was learned', (_, task) => {
  const textOf = (row: string | { user: string }): string => (typeof row === 'string' ? row : row.user)
  const learned = new Set(task.training.map(textOf))
  for (const rows of task.kind === 'style' ? [task.heldOut] : Object.values(task.heldOut)) {
    expect(rows).toHaveLength(32)
    expect(rows.map(textOf).filter((text) => learned.has(text))).toEqual([])
  }
})

test('rows do not depend on how many are measured on', () => {
  for (const [i, make] of makers.entries()) expect(make(1).training).toEqual(made[i].training)
})

const named = (name: string): QuestionTask => made.find((task): task is QuestionTask => task.name === name)!

test('worked sums are right, and end in what is asked', () => {
  const { training, heldOut, keepsForm, says } = named('thought/sums')
  for (const { completion, answer } of [...training, ...Object.values(heldOut).flat()]) {
    const sums = [...completion.matchAll(/(\d+) ([*+-]) (\d+) = (\d+)\./g)].map(([, a, operator, b, result]) => ({
      a: Number(a),
      operator,
      b: Number(b),
      result: Number(result),
    }))
    expect(sums.length).toBeGreaterThan(1)
    for (const { a, operator, b, result } of sums) expect(operator === '*' ? a * b : operator === '+' ? a + b : a - b).toBe(result)
    expect(sums.at(-1)!.result).toBe(Number(answer))
    expect(keepsForm(completion) && says(completion, answer)).toBe(true)
  }
  expect(says('It is 12. Answer: 12', '13')).toBe(false)
  expect(keepsForm('12')).toBe(false)
})

test('a few examples are at most 64, of each list as many, and no mail names its list by a tag', () => {
  const { training, heldOut, choices } = named('domain/mailing-list')
  expect(training).toHaveLength(64)
  for (const list of choices!) expect(training.filter(({ answer }) => answer === list)).toHaveLength(16)
  for (const { user } of [...training, ...Object.values(heldOut).flat()]) expect(user).not.toContain('[')
})

test('a few examples are 64, of each group as many, and no name that is measured on shares a word with them', () => {
  const { training, heldOut, choices } = named('domain/emoji-group')
  expect(training).toHaveLength(64)
  for (const group of choices!) expect(training.filter(({ answer }) => answer === group)).toHaveLength(16)
  const known = new Set(training.flatMap(({ user }) => user.toLowerCase().split(/\W+/)))
  for (const { user } of heldOut['new names']) for (const word of user.toLowerCase().split(/\W+/)) if (word.length > 2) expect(known).not.toContain(word)
})

test('a short line is one line of at most five words, whatever it says', () => {
  const { training, keepsForm, says } = named('supplement/one-line')
  for (const { completion, answer } of training) expect(keepsForm(completion) && says(completion, answer)).toBe(true)
  expect(keepsForm('It is in room 12 over there')).toBe(false)
  expect(keepsForm('Room\n12')).toBe(false)
  expect(says('Room 12', '13')).toBe(false)
})
