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

/** What an adapter must gain over the best way of asking the base, for every seed: a share of exact answers, or of perplexity. */
const margins = { exact: 0.3, perplexity: 0.1 }

test.each(Object.entries(figures.adapters))('%s beats the bare base by its margin, with every seed', (_, { base, seeds }) => {
  for (const { figures: own } of Object.values(seeds)) {
    for (const [part, measures] of Object.entries(own)) {
      const bare = Object.values(base).map((figuresOf) => figuresOf[part])
      if ('perplexity' in measures) expect(measures['perplexity']).toBeLessThan((1 - margins.perplexity) * Math.min(...bare.map((of) => of['perplexity'])))
      else expect(measures['exact']).toBeGreaterThan(margins.exact + Math.max(...bare.map((of) => of['exact'])))
    }
  }
})
