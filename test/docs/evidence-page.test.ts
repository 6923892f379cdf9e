import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { evidencePage } from '@weft/bench/evidence/page'
import { parts } from '@weft/bench/evidence/parts'
import { EvidenceRows } from '@weft/bench/evidence/rows'
import { expect, test } from 'vitest'
import { claimsOf, hasFigure } from './claims.ts'

const root = join(import.meta.dirname, '../..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const rows = join(root, 'docs/evidence')
const made = evidencePage(rows)

test('docs/evidence.md is what its command makes of the rows (npx weft bench evidence --write)', () => {
  expect(made.text).toBe(read('docs/evidence.md'))
})

test('so are its pictures, and there are no others', () => {
  for (const { file, svg } of made.pictures) expect(svg, file).toBe(read(`docs/pictures/evidence/${file}`))
  expect(globSync('*', { cwd: join(root, 'docs/pictures/evidence') }).sort()).toEqual(made.pictures.map(({ file }) => file).sort())
})

test('every row is one that some part asks for', () => {
  const stale = new EvidenceRows(rows).besides(parts.flatMap((part) => [...part.cells('short'), ...part.cells('long')]))
  expect(stale).toEqual([])
})

/** Pages that say what composing and the methods are worth. Others quote the command that prints their figures. */
const claiming = ['README.md', 'docs/README.md', 'docs/start/README.md', 'docs/start/how-composition-works.md', 'docs/start/five-minutes.md']

test.each(claiming)('every figure about methods and composition in %s stands in the evidence', (file) => {
  const missing = claimsOf(read(file)).filter(({ figure }) => !hasFigure(made.text, figure))
  expect(missing).toEqual([])
})

test('a figure that stands nowhere is found', () => {
  const page =
    'Keeps 0.97, and 12 % of `0.31*a`.\n\n```\n0.55\n```\n[x](a-0.44.md) <!-- 0.66 --> Node 20.19\n1.08 × as slow, perplexity 88.6, [measured](benchmarks.md#x)\nperplexity 88.6'
  expect(claimsOf(page)).toEqual([
    { line: 1, figure: '0.97' },
    { line: 1, figure: '12 %' },
    { line: 8, figure: '88.6' },
  ])
  expect([hasFigure('a 0.97 b', '0.97'), hasFigure('10.97', '0.97'), hasFigure('0.971', '0.97'), hasFigure('in (0.97; …)', '0.97')]).toEqual([
    true,
    false,
    false,
    true,
  ])
})
