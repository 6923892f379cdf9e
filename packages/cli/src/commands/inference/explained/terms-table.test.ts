import { expect, test } from 'vitest'
import { termsTable } from './terms-table.ts'

const term = (expression: string, weight = 1) => ({
  kind: 'adapter' as const,
  expression,
  weight,
  method: 'prefix-tuning',
  sites: ['key-value'],
  virtualTokens: { rows: 0, prefix: 4 },
})
const operand = (weight: number, ...terms: ReturnType<typeof term>[]) => ({ canonical: 'c', key: 'k', weight, level: 1, terms })

/** The columns of a line, of which two blanks stand between. */
const columns = (text: string): string[][] => text.split('\n').map((line) => line.trim().split(/ {2,}/))

test('a term has its strength', () => {
  expect(columns(termsTable({ terms: [term('style/speech@1'), term('0.5*style/whale@1', 0.5)] }))).toEqual([
    ['term', 'strength', 'method', 'sites', 'rows', 'prefix'],
    ['style/speech@1', '1', 'prefix-tuning', 'key-value', '0', '4'],
    ['0.5*style/whale@1', '0.5', 'prefix-tuning', 'key-value', '0', '4'],
  ])
  expect(termsTable({ terms: [] })).toBe('The base model alone.')
})

test('a term of an operand has the strength of the operand beside its own', () => {
  const terms = [term('style/speech@1'), term('style/whale@1'), term('2*tone/warm@1', 2)]
  const outputs = { operator: 'experts' as const, operands: [operand(-1, terms[0]!), operand(0.5, terms[1]!, terms[2]!)] }
  expect(columns(termsTable({ terms, outputs })).map((line) => line.slice(0, 4))).toEqual([
    ['operand', 'its strength', 'term', 'strength'],
    ['1', '-1', 'style/speech@1', '1'],
    ['2', '0.5', 'style/whale@1', '1'],
    ['2', '0.5', '2*tone/warm@1', '2'],
  ])
  expect(termsTable({ terms: [terms[0]!], outputs: { operator: 'ensemble', operands: [operand(1 / 3, terms[0]!)] } })).toContain('0.333333 ')
})
