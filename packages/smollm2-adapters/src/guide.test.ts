import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { AdapterFolder } from './adapter-folder.ts'
import { compositionTable, figuresTable } from './measure/table.ts'

const guide = readFileSync(new URL('../../../docs/guides/adapters-that-come-along.md', import.meta.url), 'utf8')
const figures = new AdapterFolder().read()

test.each(Object.keys(figures.adapters))('the guide says of %s what was measured', (name) => {
  expect(guide).toContain(figuresTable(figures, name))
  expect(Object.keys(figures.adapters[name].seeds)).toHaveLength(2)
})

test.each(Object.keys(figures.compositions ?? {}))('the guide says what %s keeps', (expression) => {
  expect(guide).toContain(compositionTable(figures, expression))
})

interface Margin {
  measure: string
  /** Of the held-out rows that count. */
  parts: readonly string[]
  /** Of what the best way of asking the base comes to, to what the adapter must at least come to. */
  wanted(base: number): number
  /** −1 where less is better. */
  sign: 1 | -1
}

/** What each adapter must gain over the best way of asking the bare base, with every seed. */
const margins: Record<string, Margin> = {
  'supplement/one-line': { measure: 'exact', parts: ['new values', 'new notes'], wanted: (base) => base + 0.3, sign: 1 },
  'style/melville': { measure: 'perplexity', parts: ['new chapters'], wanted: (base) => 0.9 * base, sign: -1 },
  'domain/emoji-group': { measure: 'exact', parts: ['new names'], wanted: (base) => base + 0.3, sign: 1 },
  'thought/sums': { measure: 'right', parts: ['new numbers'], wanted: (base) => base + 0.2, sign: 1 },
}

test.each(Object.entries(figures.adapters))('%s beats the bare base by its margin, with every seed', (name, { base, seeds }) => {
  const { measure, parts, wanted, sign } = margins[name]
  for (const part of parts) {
    const best = Math.max(...Object.values(base).map((of) => sign * of[part][measure]))
    for (const { figures: own } of Object.values(seeds)) expect(sign * own[part][measure]).toBeGreaterThan(sign * wanted(sign * best))
  }
})
