import { globSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isTest, root, sources } from './sources.ts'

const ids = globSync('plugins/*/index.ts', { cwd: root }).map((file) => file.split('/')[1]!)
const code = sources.filter(({ file }) => !isTest(file))

test('nobody branches on a method: plugins are told apart by what they declare', () => {
  expect(ids.length).toBeGreaterThan(0)
  const branch = new RegExp(
    `(plugin\\.id|method)\\s*[!=]==?\\s*['"\`]|['"\`](${ids.join('|')})['"\`]\\s*[!=]==?|[!=]==?\\s*['"\`](${ids.filter((id) => id.includes('-')).join('|')})['"\`]`,
  )
  const wrong = code.filter(({ folder, text }) => folder !== 'plugins' && branch.test(text))
  expect(wrong.map(({ file }) => file)).toEqual([])
})

/** Ids that are words of their own: `'text'` is a kind of row, `'full'` a padding. The test above covers them. */
const ordinary = ['text', 'full']

test('shared packages name no plugin', () => {
  const shared = ['edge', 'methods', 'protocol', 'adapters', 'model', 'inference', 'training', 'session'].map((name) => `packages/${name}`)
  const camel = (id: string): string => id.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  const names = ids.filter((id) => !ordinary.includes(id)).flatMap((id) => [id, camel(id)])
  const named = new RegExp(`\\b(${[...new Set(names)].join('|')})\\b`)
  const wrong = code
    .filter(({ folder }) => shared.includes(folder) || folder === 'gpu-runner')
    .flatMap(({ file, text }) => withoutComments(text).flatMap((line, i) => (named.test(line) ? [`${file}:${i + 1}: ${line.trim()}`] : [])))
  expect(wrong).toEqual([])
})

/** The lines of a file with comments blanked, and options of other programs: what a sentence may mention by way of example, code may not know. */
function withoutComments(text: string): string[] {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .split('\n')
    .map((line) => line.replace(/(^|\s)\/\/.*$/, '').replaceAll(/--[a-z]+(-[a-z]+)+/g, ''))
}
