import { readFileSync } from 'node:fs'
import { sites } from '@weft/adapters'
import { expect, test } from 'vitest'

const page = readFileSync(new URL('../../docs/contracts/sites.md', import.meta.url), 'utf8')
const [, table = ''] = page.split('\n| site | tensors | stack')
const rows = [...table.split('\n\n')[0]!.matchAll(/^\| `(\w+)`( \(ordered\))? \|.*\| (.*) \| (.*) \|$/gm)]

test('docs/contracts/sites.md has a row of every site, and says what the site declares', () => {
  const said = rows.map(([, name, ordered, mix, strength]) => [name, ordered !== undefined, mix !== 'error', strength !== 'error'])
  const declared = Object.entries(sites).map(([name, { ordered, mixes, strength }]) => [name, ordered, mixes, strength !== 'none'])
  expect(said.toSorted()).toEqual(declared.toSorted())
})
