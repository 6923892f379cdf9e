import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { blocksOf, matches, shrunk } from '../docs/blocks.ts'
import { faultOf } from '../docs/parse.ts'
import { root } from './sources.ts'

test('every block of a page names its language and is well formed: one that is not run too', () => {
  const pages = globSync(['README.md', 'docs/**/*.md'], { cwd: root, exclude: ['**/node_modules/**', 'docs/dist/**'] })
  const blocks = pages.flatMap((file) => blocksOf(readFileSync(join(root, file), 'utf8')).map((block) => ({ at: `${file}:${block.line}`, block })))
  expect(blocks.length).toBeGreaterThan(70)
  expect(blocks.flatMap(({ at, block }) => (faultOf(block) === undefined ? [] : [`${at}: ${faultOf(block)}`]))).toEqual([])
})

test('a block that is made smaller still has its command, with other values', () => {
  const pages = globSync(['README.md', 'docs/**/*.md'], { cwd: root, exclude: ['**/node_modules/**', 'docs/dist/**'] })
  const blocks = pages.flatMap((file) => blocksOf(readFileSync(join(root, file), 'utf8')).filter(({ smaller }) => smaller !== undefined))
  expect(blocks.length).toBeGreaterThan(15)
  for (const block of blocks) expect(shrunk(block).split(' ').slice(0, 2), shrunk(block)).toEqual(block.text.split(' ').slice(0, 2))
  expect(shrunk({ text: 'weft bench run --steps 64', smaller: 's/--steps 64/--steps 1/' })).toBe('weft bench run --steps 1')
  expect(() => shrunk({ text: 'weft bench run', smaller: 's/--steps 64/--steps 1/' })).toThrow('changes nothing')
})

test('what is not well formed is found', () => {
  const wrong = { bash: 'if true', ts: 'const = 1', json: '{', jsonl: '{}\n{', yaml: 'a: [', toml: 'a =', python: 'def', cobol: '' }
  for (const [language, text] of Object.entries(wrong)) expect(faultOf({ language, text, line: 1, sketch: false, config: false }), language).toBeDefined()
})

test('a block has what the comment before it says, and what it prints', () => {
  const page =
    '<!-- not run: a card -->\n```bash\na\n```\n\n<!-- first: b -->\n<!-- needs: peft -->\n\n```ts\nc\n```\n<!-- prints -->\n```text\nd … f\n```\n  <!-- sketch -->\n  ```json\n  {…}\n  ```\n'
  expect(blocksOf(page)).toEqual([
    { line: 3, language: 'bash', text: 'a', sketch: false, config: false, notRun: 'a card' },
    { line: 10, language: 'ts', text: 'c', sketch: false, config: false, first: 'b', needs: 'peft', prints: 'd … f' },
    { line: 18, language: 'json', text: '{…}', sketch: true, config: false },
  ])
  expect([matches('d … f', 'd\n e f \n'), matches('d … f', 'd f'), matches('a(b)…', 'a(b)cd'), matches('a', 'ab')]).toEqual([false, false, true, false])
  expect(matches('a\n…\nz', 'a\nb\nc\nz\n')).toBe(true)
})
