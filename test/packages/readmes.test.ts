import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { publishedPackages, root } from '../../packaging/published-packages.ts'
import { codeOf } from '../structure/markdown.ts'

/** Inside the repository, where the packages are found. */
const folder = join(root, '.weft', 'readmes')
beforeAll(() => mkdirSync(folder, { recursive: true }))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Their blocks are fragments that explain, or ask a server; the client's is run by `npm run test:packages`. */
const fragments = ['@weft/ai-sdk', '@weft/base-model', '@weft/client', '@weft/graph', '@weft/langchain', '@weft/ort']

const programs = publishedPackages()
  .filter(({ manifest }) => !fragments.includes(manifest.name))
  .flatMap(({ folder, manifest }) => codeOf(readFileSync(join(root, folder, 'README.md'), 'utf8')).map((code) => ({ ...code, name: manifest.name })))
  .filter(({ language }) => language === 'ts')

test('packages that are for programs show one', () => expect(programs.length).toBeGreaterThanOrEqual(9))

test.each(programs)('the example of $name runs', async ({ name, line, text }) => {
  const file = join(folder, `${name.replace(/\W+/g, '-')}-${line}.ts`)
  writeFileSync(file, text)
  const { stderr } = await promisify(execFile)(process.execPath, [file], { cwd: root })
  expect(stderr).toBe('')
})

test('every package says more of itself than its name', () => {
  const bare = publishedPackages().filter(
    ({ folder }) =>
      readFileSync(join(root, folder, 'README.md'), 'utf8')
        .trim()
        .split('\n').length < 3,
  )
  expect(bare).toEqual([])
})
