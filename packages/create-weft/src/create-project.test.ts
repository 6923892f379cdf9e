import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { createProject } from './create-project.ts'
import { main } from './main.ts'
import { ownTarballFolder } from './tarballs.ts'

const folder = mkdtempSync(join(tmpdir(), 'create-weft-'))
afterAll(() => rmSync(folder, { recursive: true }))

const packageFolder = join(import.meta.dirname, '..')
const root = join(packageFolder, '../..')
const read = (...path: string[]): string => readFileSync(join(...path), 'utf8')
const manifest = (project: string) =>
  JSON.parse(read(project, 'package.json')) as { name: string; dependencies: Record<string, string>; overrides?: object; devDependencies: object }

test('a project has a configuration, a method with its test, and packages of one version', () => {
  const made = createProject(join(folder, 'letters'), { install: false })
  expect(readdirSync(made).sort()).toEqual(['.gitignore', 'README.md', 'package.json', 'plugins', 'tsconfig.json', 'weft.config.ts', 'wrangler.toml'])
  expect(readdirSync(join(made, 'plugins/low-rank-prompt')).sort()).toEqual(['index.test.ts', 'index.ts'])
  const { version } = JSON.parse(read(packageFolder, 'package.json')) as { version: string }
  expect(manifest(made)).toMatchObject({ name: 'letters', dependencies: { '@weft/cli': version, '@weft/edge': version } })
  expect(manifest(made).overrides).toBeUndefined()
  expect(read(made, 'README.md')).toMatch(/^# letters\n/)
  expect(read(made, 'wrangler.toml')).toContain('name = "letters"')
})

test('tarballs beside each other are taken for all of our packages, whoever names them', () => {
  const dist = join(folder, 'dist')
  mkdirSync(dist)
  const ours = ['cli', 'edge', 'gpu-runner', 'methods', 'plugins', 'protocol', 'session']
  for (const name of ours) writeFileSync(join(dist, `weft-${name}-1.2.3-beta.0.tgz`), '')
  const { dependencies, overrides } = manifest(createProject(join(folder, 'from-tarballs'), { install: false, packages: dist }))
  expect(dependencies).toMatchObject({ '@weft/cli': `file:${join(dist, 'weft-cli-1.2.3-beta.0.tgz')}` })
  expect(overrides).toEqual({ '@weft/gpu-runner': `file:${join(dist, 'weft-gpu-runner-1.2.3-beta.0.tgz')}` })
  rmSync(join(dist, 'weft-session-1.2.3-beta.0.tgz'))
  expect(() => createProject(join(folder, 'one-short'), { install: false, packages: dist })).toThrow(expect.objectContaining({ code: 'packages_missing' }))
  expect(existsSync(join(folder, 'one-short'))).toBe(false)
})

test('the tarball that npm installed this package from is known, a registry is none', () => {
  const installed = join(folder, 'installed', 'node_modules')
  mkdirSync(installed, { recursive: true })
  const lock = (resolved: string): void =>
    writeFileSync(join(installed, '.package-lock.json'), JSON.stringify({ packages: { 'node_modules/create-weft': { resolved } } }))
  lock('file:../dist/create-weft-0.1.0.tgz')
  expect(ownTarballFolder(join(installed, 'create-weft'))).toBe(join(folder, 'dist'))
  lock('https://registry.npmjs.org/create-weft/-/create-weft-0.1.0.tgz')
  expect(ownTarballFolder(join(installed, 'create-weft'))).toBeUndefined()
  expect(ownTarballFolder(packageFolder)).toBeUndefined()
})

test.each([
  ['a folder with something in it', 'full', 'folder_not_empty'],
  ['a name that npm takes for no package', 'My App', 'name_invalid'],
])('%s is refused, and nothing is written', (_, name, code) => {
  mkdirSync(join(folder, 'full'), { recursive: true })
  writeFileSync(join(folder, 'full', 'letter.txt'), 'kept')
  expect(() => createProject(join(folder, name), { install: false })).toThrow(expect.objectContaining({ code }))
  expect(readdirSync(join(folder, 'full'))).toEqual(['letter.txt'])
  expect(existsSync(join(folder, 'My App'))).toBe(false)
})

test.each(['letter.txt', 'letter.txt/beneath'])('a file in the place of the folder (%s) is told, and stays', (name) => {
  writeFileSync(join(folder, 'letter.txt'), 'kept')
  expect(() => createProject(join(folder, name), { install: false })).toThrow(
    expect.objectContaining({ code: 'folder_unwritable', message: expect.stringContaining('a file stands in its place') }),
  )
  expect(read(folder, 'letter.txt')).toBe('kept')
})

test("a package's name may have a dot, and its Worker's has none", () => {
  const made = createProject(join(folder, 'letters.example_2'), { install: false })
  expect(manifest(made).name).toBe('letters.example_2')
  expect(read(made, 'wrangler.toml')).toContain('name = "letters-example_2"')
})

test('what is to be typed next is typed as it is said, in a folder with spaces and quotes too', async () => {
  const said = vi.spyOn(console, 'log').mockImplementation(() => {})
  const above = join(folder, "Anna's letters")
  mkdirSync(above)
  await main([join(above, 'new'), '--no-install'])
  const [, typed = ''] = /^ {2}(cd .*)$/m.exec(said.mock.calls.join('\n')) ?? []
  said.mockRestore()
  expect(execFileSync('sh', ['-c', `${typed} && pwd`], { encoding: 'utf8' }).trim()).toBe(realpathSync(join(above, 'new')))
})

test("a project's deployment is this repository's, with the packages in node_modules", () => {
  const installed = read(root, 'wrangler.toml')
    .replace('name = "weft"', 'name = "my-app"')
    .replace('`npm start` runs', '`npx weft dev` runs')
    .replace('"packages/edge/src/index.ts"', '"node_modules/@weft/edge/dist/index.js"')
    // The package carries the console built.
    .replace(', built from packages/console where it changed', '')
    .replace('[build]\ncommand = "npm run -s build:console"\n\n', '')
    .replace('"./packages/edge/src/openapi/zod-core.ts"', '"./node_modules/@weft/edge/dist/openapi/zod-core.js"')
    .replace(/"packages\/(edge|console)\//g, '"node_modules/@weft/$1/')
  expect(read(packageFolder, 'template/wrangler.toml')).toBe(installed)
})

test('a project depends itself on what its deployment names, in the version of the edge: not every package manager puts what packages need where a project finds it', () => {
  const { dependencies } = manifest(join(packageFolder, 'template'))
  const edge = manifest(join(root, 'packages/edge')).dependencies
  const named = [...read(packageFolder, 'template/wrangler.toml').matchAll(/= "\.\/node_modules\/((?:@[^/]+\/)?[^/"]+)/g)].map(([, name]) => name!)
  expect(named.length).toBeGreaterThan(1)
  for (const name of named) expect(dependencies, name).toHaveProperty([name], name.startsWith('@weft/') ? '*' : edge[name])
})

test("a project's tools have the versions that this repository is tested with", () => {
  const own = (JSON.parse(read(root, 'package.json')) as { devDependencies: Record<string, string> }).devDependencies
  const { devDependencies } = manifest(join(packageFolder, 'template'))
  expect(own).toMatchObject(devDependencies)
})

test('what makes a project asks for the Node that the project does, and that it refuses an older one than', () => {
  const asked = (folder: string) => (JSON.parse(read(folder, 'package.json')) as { engines: { node: string } }).engines.node
  expect(asked(packageFolder)).toBe(asked(join(packageFolder, 'template')))
  const [, major, minor] = /^>=(\d+)\.(\d+)$/.exec(asked(packageFolder))!
  expect(read(packageFolder, 'bin/create-weft.mjs')).toContain(`major < ${major} || (major === ${major} && minor < ${minor})`)
})

test('a second folder is refused, and nothing is written', async () => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => {})
  await main([join(folder, 'first'), join(folder, 'second'), '--no-install'])
  expect([process.exitCode, said.mock.calls.join('\n')]).toEqual([
    2,
    expect.stringMatching(/^create-weft: One project .*first", .*second" are 2 folders\. Name one\.$/),
  ])
  process.exitCode = undefined
  said.mockRestore()
  expect([existsSync(join(folder, 'first')), existsSync(join(folder, 'second'))]).toEqual([false, false])
})
