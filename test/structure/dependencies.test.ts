import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { imports, isTest, packageFolders, root, type Source, sources } from './sources.ts'

const manifest = (
  folder: string,
): { name: string; dependencies?: Record<string, string>; devDependencies?: Record<string, string>; peerDependencies?: Record<string, string> } =>
  JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))

/** Tools that the root alone declares: whatever runs or checks all packages. What is published has none of them. */
const tools = Object.keys(manifest('.').devDependencies ?? {})

const packageOf = (name: string): string =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/')

/** Names of packages that these files import, ours and others', without Node's and the Worker's own. */
const imported = (files: readonly Source[]): string[] =>
  [...new Set(files.flatMap(({ text }) => imports(text)))]
    .filter((name) => !/^(\.|node:|cloudflare:|weft\.config)/.test(name) && !builtinModules.includes(name))
    .map(packageOf)

/** Whether code names a package in quotes: packages that hold data or a library are found by their folder, not imported. */
const mentioned = (files: readonly Source[], name: string): boolean => files.some(({ text }) => text.includes(`'${name}`))

test.each(packageFolders)('%s declares what it imports, and imports what it declares', (folder) => {
  const { name, devDependencies = {}, ...declared } = manifest(folder)
  // What a user brings along is used as what a package brings itself.
  const dependencies = { ...declared.dependencies, ...declared.peerDependencies }
  const all = sources.filter((source) => source.folder === folder)
  const code =
    folder === 'test' ? all : all.filter(({ file }) => !isTest(file) && !/\/(examples|template)\//.test(file) && !/\/vite(st)?\.config\.ts$/.test(file))
  const missing = (used: readonly string[], declared: object): string[] => used.filter((one) => one !== name && !(one in declared)).sort()
  const isTool = (one: string): boolean => tools.includes(one)
  expect(
    missing(imported(code), dependencies).filter((one) => folder !== 'test' || !isTool(one)),
    'imported by code, not among dependencies',
  ).toEqual([])
  expect(
    missing(imported(all), { ...dependencies, ...devDependencies }).filter((one) => !isTool(one)),
    'imported by tests, not declared',
  ).toEqual([])
  expect(
    Object.keys(dependencies).filter((one) => !mentioned(code, one)),
    'among dependencies, not used by code',
  ).toEqual([])
  expect(
    Object.keys(devDependencies).filter((one) => one in dependencies || !mentioned(all, one)),
    'among devDependencies, not used by tests alone',
  ).toEqual([])
})

test('the compiler knows what the oldest Node has that a project runs on, and nothing newer', () => {
  const template = JSON.parse(readFileSync(join(root, 'packages/create-weft/template/package.json'), 'utf8'))
  const [, oldest] = /^>=(\d+\.\d+)$/.exec(template.engines.node)!
  for (const types of [manifest('.').devDependencies!['@types/node']!, template.devDependencies['@types/node']])
    expect(types.split('.').slice(0, 2).join('.'), '@types/node').toBe(oldest)
  // Of what came after ES2024, Node 22 has sets that unite; of halves it has none, which biome.json keeps from all but a few files.
  const newer = ['tsconfig.json', 'packages/edge/tsconfig.json'].flatMap((file) =>
    (JSON.parse(readFileSync(join(root, file), 'utf8')).compilerOptions.lib as string[]).filter((lib) => /^ES(?!2024$)/.test(lib)),
  )
  expect([...new Set(newer)].sort()).toEqual(['ES2025.Collection', 'ESNext.Float16'])
})
