import { cpSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { wrangler } from '../../launcher/project.ts'
import { isAsObserved, type Observation } from './observation.ts'
import { type Metafile, sourcesOf } from './sources.ts'

interface Esbuild {
  build(options: object): Promise<{ metafile: Metafile; outputFiles: { text: string }[] }>
}
/** wrangler's own. */
const { build } = createRequire(wrangler)('esbuild') as Esbuild

const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'weft-sources-')))

const files: Record<string, string> = {
  'app/package.json': '{"name":"app","type":"module"}',
  'app/tsconfig.json': '{ "extends": "./settings.json" }',
  'app/settings.json': '{ "compilerOptions": { "target": "ES2022" } }',
  'app/src/index.ts':
    "import { one } from './one.ts'\nimport { two } from './two'\nimport three from 'three'\nimport four from '@own/four'\nimport config from 'the.config'\nimport { linked } from './linked/linked.ts'\nimport('absent').catch(() => {})\nconsole.log(one, two, three, four, config, linked)",
  'app/src/one.ts': 'export const one = 1',
  'app/src/two/index.ts': 'export const two = 2',
  'app/the.config.ts': 'export default 6',
  'app/node_modules/three/package.json': '{"name":"three","main":"./main"}',
  'app/node_modules/three/main/index.js': 'export default 3',
  'four/package.json': '{"name":"@own/four","exports":{".":"./src/four.ts"}}',
  'four/src/four.ts': 'export default 4',
  'four-newer/package.json': '{"name":"@own/four","exports":{".":"./src/four.ts"}}',
  'four-newer/src/four.ts': 'export default 44',
  'linked/linked.ts': 'export const linked = 5',
  'linked-newer/linked.ts': 'export const linked = 55',
}

let made = 0
/** A project as above, in a folder of its own. */
const project = (): string => {
  const folder = join(scratch, String(made++))
  for (const [name, content] of Object.entries(files)) put(folder, name, content)
  mkdirSync(join(folder, 'app/node_modules/@own'))
  symlinkSync('../../../four', join(folder, 'app/node_modules/@own/four'))
  symlinkSync('../../linked', join(folder, 'app/src/linked'))
  mkdirSync(join(folder, 'state'))
  return folder
}

const put = (folder: string, name: string, content: string): void => {
  mkdirSync(dirname(join(folder, name)), { recursive: true })
  writeFileSync(join(folder, name), content)
}

const relink = (folder: string, name: string, to: string): void => {
  rmSync(join(folder, name))
  symlinkSync(to, join(folder, name))
}

const bundled = async (folder: string): Promise<{ metafile: Metafile; text: string }> => {
  const { metafile, outputFiles } = await build({
    entryPoints: [join(folder, 'app/src/index.ts')],
    bundle: true,
    format: 'esm',
    write: false,
    metafile: true,
    absWorkingDir: join(folder, 'state'),
    alias: { 'the.config': join(folder, 'app/the.config.ts') },
    logLevel: 'silent',
  })
  return { metafile, text: outputFiles[0]!.text }
}

/** Long after the files were written. */
const LATER = 60_000

const observed = async (folder: string, began = Date.now() + LATER): Promise<Observation[] | undefined> => {
  const { metafile } = await bundled(folder)
  return sourcesOf({ metafile, folder: join(folder, 'state'), began, named: [join(folder, 'app/the.config.ts')], project: join(folder, 'app') })
}

test('nothing has changed where a start writes what is no source, and a file that only the same content was written to is the same', async () => {
  const folder = project()
  const sources = await observed(folder)
  put(folder, 'app/src/one.ts', files['app/src/one.ts']!)
  put(folder, 'app/letters.jsonl', '{}')
  put(folder, 'app/.weft/key', 'key')
  put(folder, 'app/node_modules/.cache/x', 'kept')
  put(folder, 'state/edge/worker/index.js', '')
  expect(sources!.filter((each) => !isAsObserved(each))).toEqual([])
})

const changes: [name: string, change: (folder: string) => void][] = [
  ['a source was edited', (folder) => put(folder, 'app/src/one.ts', 'export const one = 11')],
  ['a source was removed', (folder) => rmSync(join(folder, 'app/src/one.ts'))],
  ['a file takes the place of a folder that was imported', (folder) => put(folder, 'app/src/two.ts', 'export const two = 22')],
  ['another of the same name comes first', (folder) => put(folder, 'app/src/two/index.tsx', 'export const two = 22')],
  ['a folder got a package.json', (folder) => put(folder, 'app/src/two/package.json', '{"main":"./other.ts"}')],
  ['the configuration was edited', (folder) => put(folder, 'app/the.config.ts', 'export default 66')],
  ['a package was edited in its place', (folder) => put(folder, 'app/node_modules/three/main/index.js', 'export default 33')],
  ['a package was upgraded', (folder) => put(folder, 'app/node_modules/three/package.json', '{"name":"three","main":"./newer"}')],
  ['a package got a file that is found first', (folder) => put(folder, 'app/node_modules/three/main.js', 'export default 33')],
  ['a nearer package is found first', (folder) => put(folder, 'app/src/node_modules/three/index.js', 'export default 33')],
  ['a package is there that was not', (folder) => put(folder, 'app/node_modules/absent/index.js', 'export default 7')],
  ['a package of a folder above is there that was not', (folder) => put(folder, 'node_modules/absent/index.js', 'export default 7')],
  ['a package is a link to another folder', (folder) => relink(folder, 'app/node_modules/@own/four', '../../../four-newer')],
  ['a folder is a link to another', (folder) => relink(folder, 'app/src/linked', '../../linked-newer')],
  ['a linked package exports another file', (folder) => put(folder, 'four/package.json', '{"name":"@own/four","exports":"./src/new.ts"}')],
  ['settings of TypeScript were edited', (folder) => put(folder, 'app/tsconfig.json', '{}')],
  ['settings that those go on from were edited', (folder) => put(folder, 'app/settings.json', '{ "compilerOptions": { "target": "ES5" } }')],
  ['nearer settings are there', (folder) => put(folder, 'app/src/tsconfig.json', '{}')],
  ['settings of a folder above are there', (folder) => put(folder, 'tsconfig.json', '{}')],
  ['a folder of sources was put in the place of another', (folder) => replaced(folder, 'app/src/two')],
  ['a package is resolved by a plug and play of yarn', (folder) => put(folder, 'app/.pnp.cjs', '')],
]

const replaced = (folder: string, name: string): void => {
  cpSync(join(folder, name), join(folder, 'copy'), { recursive: true })
  put(folder, 'copy/index.ts', 'export const two = 22')
  renameSync(join(folder, name), join(folder, 'old'))
  renameSync(join(folder, 'copy'), join(folder, name))
}

test.each(changes)('a bundle is made anew where %s', async (_, change) => {
  const folder = project()
  const sources = await observed(folder)
  expect(sources!.every(isAsObserved)).toBe(true)
  change(folder)
  expect(sources!.every(isAsObserved)).toBe(false)
})

test('of what may have changed while it was bundled nothing is kept', async () => {
  const folder = project()
  expect(await observed(folder, Date.now())).toBeUndefined()
  expect(await observed(folder)).toBeDefined()
})

test.each([
  ['settings that say where imports lie', 'app/tsconfig.json', '{ "compilerOptions": { "paths": { "*": ["./src/*"] } } }'],
  ['such settings that others go on from', 'app/settings.json', '{ "compilerOptions": { "baseUrl": "." } }'],
  ['settings that go on from what is not named whole', 'app/tsconfig.json', '{ "extends": "./settings" }'],
  ['settings that go on from a package', 'app/tsconfig.json', '{ "extends": ["three/tsconfig.json"] }'],
])('nothing is kept beside %s', async (_, name, content) => {
  const folder = project()
  put(folder, name, content)
  expect(await observed(folder)).toBeUndefined()
})

test('nothing is kept of what is no file', () => {
  const metafile = { inputs: { 'virtual:made': { imports: [] } } }
  expect(sourcesOf({ metafile, folder: scratch, began: Date.now() + LATER, named: [], project: scratch })).toBeUndefined()
})
