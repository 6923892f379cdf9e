import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { progressOf } from './progress.ts'

const written = (): { stream: NodeJS.WriteStream; lines: string[] } => {
  const lines: string[] = []
  const stream = Object.assign(new PassThrough(), { isTTY: false }) as unknown as NodeJS.WriteStream
  stream.write = (text: unknown) => {
    lines.push(String(text).trimEnd())
    return true
  }
  return { stream, lines }
}

test('behind the last step it is said that it is being measured, and not that nothing is left to do', () => {
  const { stream, lines } = written()
  const line = progressOf({ stream }).line('a')
  line.update({ step: 9, totalSteps: 10, loss: 1, etaS: 1 })
  line.update({ step: 10, totalSteps: 10, loss: 1, etaS: 0, measuring: true })
  line.end('done')
  expect(lines).toEqual(['  a: step 9/10  loss 1.000  1 s left', '  a: step 10/10  loss 1.000  measuring how good it is', '  a: done'])
})

test('so it is of a run that stopped early', () => {
  const { stream, lines } = written()
  const line = progressOf({ stream }).line('a')
  line.update({ step: 4, totalSteps: 10, loss: 1, etaS: 6 })
  line.update({ step: 4, totalSteps: 10, measuring: true })
  expect(lines.at(-1)).toBe('  a: step 4/10  measuring how good it is')
})

test('of how many rows it has read so many is told at every quarter', () => {
  const { stream, lines } = written()
  const line = progressOf({ stream }).line('a')
  for (const rows of [0, 10, 20, 30, 40]) line.update({ step: 10, totalSteps: 10, measuring: true, rows, totalRows: 80 })
  expect(lines).toEqual([
    '  a: step 10/10  measuring how good it is, 0 %',
    '  a: step 10/10  measuring how good it is, 25 %',
    '  a: step 10/10  measuring how good it is, 50 %',
  ])
})

test('before the first step it is told at every quarter how far the preparing is, and no tenth is left out for it', () => {
  const { stream, lines } = written()
  const line = progressOf({ stream }).line('a')
  for (const preparing of [0, 0.1, 0.3, 0.5, 0.7, 0.9]) line.update({ step: 0, totalSteps: 10, preparing })
  line.update({ step: 1, totalSteps: 10, loss: 1, etaS: 9 })
  line.update({ step: 1, totalSteps: 10, preparing: 0 })
  line.end('cancelled')
  expect(lines).toEqual([...[0, 30, 50, 90].map((share) => `  a: step 0/10  preparing, ${share} %`), '  a: step 1/10  loss 1.000  9 s left', '  a: cancelled'])
})
