import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { furtherTasks } from './further-tasks.ts'
import { tasksOfFolder } from './tasks-folder.ts'
import { writeTasks } from './write-tasks.ts'

const folder = mkdtempSync(join(tmpdir(), 'weft-further-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('six tasks are written as they are read, and nothing held out is learned from', () => {
  const tasks = furtherTasks()
  writeTasks(folder, tasks)
  const { tasks: read } = tasksOfFolder(folder, 1000, 64)
  expect(Object.entries(read).map(([name, { kind }]) => `${name}: ${kind}`)).toEqual([
    'era: label',
    'json: format',
    'list: label',
    'novel: style',
    'speech: style',
    'yaml: format',
  ])
  for (const [name, { kind, rows, heldOut, unlabelled }] of Object.entries(tasks)) {
    expect(read[name], name).toMatchObject({ kind, rows, heldOut })
    const texts = (of: readonly object[]): string[] => of.map((row) => ('text' in row ? (row.text as string) : (row as { prompt: string }).prompt))
    expect(texts(read[name].unlabelled)).toEqual(texts(unlabelled))
    const learned = new Set(texts([...rows, ...unlabelled]))
    expect(
      texts(heldOut).filter((text) => learned.has(text)),
      name,
    ).toEqual([])
    expect(heldOut.length, name).toBeGreaterThan(60)
  }
  // No answer has more than its share of what is held out.
  const { list } = tasks
  if (list.kind !== 'label') throw new Error('it is a label')
  for (const answer of list.answers) expect(list.heldOut.filter((row) => row.answer === answer).length).toBeLessThanOrEqual(144 / list.answers.length)
})

test('only the wanted of a folder are read: what is wrong with another does not matter, and one that is not there is named', () => {
  writeTasks(folder, furtherTasks())
  writeFileSync(join(folder, 'era', 'task.json'), '{')
  expect(Object.keys(tasksOfFolder(folder, 8, 64, ['novel', 'yaml']).tasks)).toEqual(['novel', 'yaml'])
  expect(() => tasksOfFolder(folder, 8, 64, ['novel', 'yml'])).toThrow(expect.objectContaining({ code: 'task_missing' }))
  expect(() => tasksOfFolder(folder, 8, 64, ['novel'])).toThrow(expect.objectContaining({ code: 'tasks_too_few' }))
})
