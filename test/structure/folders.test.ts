import { globSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { expect, test } from 'vitest'
import { root, sources } from './sources.ts'

test('a folder holds at most 20 files', () => {
  const files = globSync('{packages,plugins,gpu-runner,test,docs}/**/*.*', {
    cwd: root,
    exclude: ['**/node_modules/**', 'test/golden/peft/**', '**/.weft/**', 'packages/console/built*/**', 'docs/dist/**', 'docs/site/.astro/**'],
    withFileTypes: true,
  }).filter((entry) => entry.isFile())
  const counts = Map.groupBy(files, (entry) => entry.parentPath.slice(root.length + 1))
  const full = [...counts].filter(([, { length }]) => length > 20).map(([folder, { length }]) => `${folder}: ${length}`)
  expect(counts.size).toBeGreaterThan(60)
  expect(full).toEqual([])
})

test('the runner is a server and nothing else: at most 40 files', () => {
  expect(sources.filter(({ file }) => file.startsWith('gpu-runner/src/')).length).toBeLessThanOrEqual(40)
})

/** Files above 300 lines, and why each is one thing. */
const long: Record<string, string> = {
  'packages/inference/src/decoder/engine.test.ts': 'one engine, asked every way there is',
}

test('a file has at most 300 lines, or says here why it has more', () => {
  const found = sources.filter(({ text }) => text.trimEnd().split('\n').length > 300).map(({ file }) => file)
  expect(found.sort()).toEqual(Object.keys(long).sort())
})

test('no file or folder is named for nothing in particular', () => {
  const vague = /^(utils?|helpers?|managers?|base|common|misc|shared|types|lib)$/
  const wrong = sources
    .map(({ file }) => file)
    .filter((file) => [...dirname(file).split('/'), basename(file).replace(/\..*$/, '')].some((part) => vague.test(part)))
  expect(wrong).toEqual([])
})
