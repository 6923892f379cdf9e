import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AdapterFolder } from './adapter-folder.ts'
import { oneLine } from './tasks/one-line.ts'

test.each([
  ['upwards', [1, 2]],
  ['downwards', [2, 1]],
])("seeds that are trained in separate calls, %s: the lowest one's file comes along", (_, seeds) => {
  const path = mkdtempSync(join(tmpdir(), 'weft-adapters-'))
  const task = oneLine(1)
  for (const seed of seeds) {
    const folder = new AdapterFolder(path)
    folder.setTask('an instruction supplement', task, task.hyperparameters)
    expect(folder.setFigures(task.name, seed, {}, { seconds: 1, file: new Uint8Array(seed).fill(seed) })).toBe(
      seed === Math.min(...seeds.slice(0, seeds.indexOf(seed) + 1)),
    )
  }
  const folder = new AdapterFolder(path)
  expect([...folder.file(task.name)]).toEqual([1])
  expect(folder.read().adapters[task.name]).toMatchObject({ bytes: 1, seeds: { 1: { seconds: 1 }, 2: { seconds: 1 } } })
  rmSync(path, { recursive: true })
})
