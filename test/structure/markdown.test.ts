import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { errorCodes } from '../docs/error-codes.ts'
import { anchorsOf, type Code, codeOf, linksOf } from './markdown.ts'
import { packageFolders, root, sources } from './sources.ts'

const ours = (pattern: string): string[] =>
  globSync(pattern, { cwd: root, exclude: ['**/node_modules/**', '**/.weft/**', '**/.wrangler/**', 'docs/dist/**', 'docs/site/.astro/**'] }).sort()
const documents = ours('{*.md,{docs,packages,plugins,gpu-runner,test}/**/*.md}').map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))
const files = ours('{*,{docs,packages,plugins,gpu-runner,test}/**/*}')
const names = new Set(files.map((file) => basename(file)))
const code = files
  .filter(
    (file) => (/\.(ts|mjs|py|toml|sql|json|yaml)$/.test(file) && !/^test\/(structure|golden\/peft)\/|package-lock/.test(file)) || file.endsWith('Dockerfile'),
  )
  .map((file) => readFileSync(join(root, file), 'utf8'))
const words = new Set(code.flatMap((text) => text.match(/[A-Za-z_$][\w$]*/g) ?? []))
const flags = new Set(code.flatMap((text) => text.match(/--[a-z][a-z-]+/g) ?? []))

/** Files of other systems: a database as wrangler exports it, a checkpoint's, as Hugging Face and PEFT name them, and what generators write. */
const theirFiles = ['weft-d1.sql', 'schema.d.ts', 'config.json', 'tokenizer.json', 'adapter_config.json', 'adapter_model.bin', 'adapter_model.safetensors']

/** Codes, some of which are put together. */
const codes = new Set(errorCodes().map(({ code }) => code))

/** Folders that a command of ours writes, and no checkout has. */
const written = ['docs/dist']

/** Names of other systems that our code has no reason to mention. */
const theirNames: string[] = ['add_weighted_adapter', 'merge_and_unload', 'RAY_AUTH_MODE', 'NODE_EXTRA_CA_CERTS']

/** Flags of other programs. */
const theirFlags: string[] = [
  '--remote',
  '--local',
  '--output',
  '--exclude',
  '--no-owner',
  '--dbname',
  '--from-literal',
  '--from-file',
  '--build',
  '--max-model-len',
]

const faults = (check: (code: Code, folder: string) => string[]): string[] =>
  documents.flatMap(({ file, text }) => codeOf(text).flatMap((each) => check(each, dirname(file)).map((fault) => `${file}:${each.line}: ${fault}`)))

test('paths that are quoted exist', () => {
  const quoted =
    /(?:^|[\s('"=])((?:(?:packages|plugins|gpu-runner|test|docs)\/|[\w.<>*{},-]+\/)*[\w.<>*{},-]*[\w>*}-](?:\/|\.(?:ts|mjs|md|json|toml|py|sql|safetensors|bin))?)(?=$|[\s)'":,;])/g
  const isPath = (text: string): boolean => /^(packages|plugins|gpu-runner|test|docs)\/./.test(text) || /^[\w./<>*{},-]+\.(ts|mjs|md|toml|py|sql)$/.test(text)
  const exists = (path: string, folder: string): boolean => {
    const pattern = path.replace(/<\w+>/g, '*').replace(/\/$/, '')
    if (!pattern.includes('/')) return names.has(pattern) || theirFiles.includes(pattern)
    return [root, join(root, folder)].some((from) => existsSync(join(from, pattern)) || globSync(pattern, { cwd: from }).length > 0)
  }
  const checked: string[] = []
  const wrong = faults(({ text }, folder) => {
    const paths = [...text.matchAll(quoted)].map((match) => match[1]!).filter(isPath)
    checked.push(...paths)
    return paths.filter((path) => !written.includes(path) && !exists(path, folder))
  })
  expect(checked.length).toBeGreaterThan(50)
  expect(wrong).toEqual([])
})

test('names from the code that are quoted occur in the code', () => {
  const snake = (word: string): string => word.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  const known = (word: string): boolean => words.has(word) || words.has(snake(word)) || codes.has(word) || theirNames.includes(word)
  const checked: string[] = []
  const wrong = faults(({ text, language }) => {
    if (language !== undefined && language !== 'ts') return []
    const found = (
      text
        .replace(/\/\/.*$/gm, '')
        .replace(/'[^'\n]*'/g, '')
        .match(/(?<![\w./@-])[A-Za-z_$][\w$]*/g) ?? []
    ).filter((word) => /[a-z][A-Z]|[A-Z][a-z]+[A-Z]|\w_\w/.test(word) || text.includes(`${word}(`))
    checked.push(...found)
    return found.filter((word) => !known(word))
  })
  expect(checked.length).toBeGreaterThan(300)
  expect(wrong).toEqual([])
})

test('flags that are quoted are read by a program of ours', () => {
  const wrong = faults(({ text }) => (text.match(/(?<![\w-])--[a-z][a-z-]+/g) ?? []).filter((flag) => !flags.has(flag) && !theirFlags.includes(flag)))
  expect(wrong).toEqual([])
})

test('commands of ours that are quoted exist, and packages of ours that are imported', () => {
  const commands = new Set(code.flatMap((text) => [...text.matchAll(/\.command\('([a-z-]+)'|new Command\('([a-z-]+)'/g)].map((match) => match[1] ?? match[2]!)))
  const packages = new Set(packageFolders.map((folder) => `@weft/${basename(folder)}`))
  expect(commands.size).toBeGreaterThan(15)
  const wrong = faults(
    ({ text }) =>
      [
        ...[...text.matchAll(/(?<=^|npx )weft (?:(bench) )?([a-z][a-z-]+)/gm)]
          .flatMap(([, group, name]) => [group, name])
          .filter((name) => name !== undefined && !commands.has(name)),
        ...(text.match(/@weft\/[a-z-]+/g) ?? []).filter((name) => !packages.has(name)),
      ] as string[],
  )
  expect(wrong).toEqual([])
})

test('our programs are started with the Node that came with the packages: an older one of the system reads no TypeScript', () => {
  const bare = (text: string): string[] => text.match(/(?<!npx )\bnode (?:--\S+ )*[\w./-]+\.ts\b/g) ?? []
  expect(bare('`node docs/examples/x.ts` and npx node docs/examples/x.ts')).toEqual(['node docs/examples/x.ts'])
  // npm's scripts find the same one by themselves.
  const sources = files.filter((file) => /\.(ts|mjs|py)$/.test(file) && !file.startsWith('test/structure/'))
  expect([
    ...faults(({ text }) => bare(text)),
    ...sources.flatMap((file) => bare(readFileSync(join(root, file), 'utf8')).map((each) => `${file}: ${each}`)),
  ]).toEqual([])
})

test('the lines of a shell that are shown can be typed in a clone, where weft is found by npx', () => {
  expect(faults(({ text, language }) => (language === undefined ? [] : (text.match(/^weft .+/gm) ?? [])))).toEqual([])
})

test('links resolve, down to the heading', () => {
  const wrong = documents.flatMap(({ file, text }) =>
    linksOf(text)
      .filter(({ target }) => !/^[a-z]+:/.test(target))
      .filter(({ target }) => {
        const [path, hash] = target.split('#')
        const to = path ? join(dirname(file), path) : file
        if (!existsSync(join(root, to))) return true
        return hash !== undefined && !anchorsOf(readFileSync(join(root, to), 'utf8')).includes(hash)
      })
      .map(({ target, line }) => `${file}:${line}: ${target}`),
  )
  expect(wrong).toEqual([])
})

test('the README of a package with many folders says what each holds', () => {
  const foldersOf = (folder: string): string[] => {
    const inside = sources.map(({ file }) => file).filter((file) => file.startsWith(`${folder}/src/`) && file.split('/').length > folder.split('/').length + 2)
    return [...new Set(inside.map((file) => file.slice(folder.length + 5).split('/')[0]!))]
  }
  const many = packageFolders.map((folder) => ({ folder, held: foldersOf(folder) })).filter(({ held }) => held.length > 5)
  expect(many.length).toBeGreaterThan(6)
  for (const { folder, held } of many) {
    const readme = readFileSync(join(root, folder, 'README.md'), 'utf8')
    const told = [...readme.matchAll(/^\| `src\/([a-z-]+)` \|/gm)].map(([, name]) => name)
    expect(
      held.filter((name) => !told.includes(name)),
      `${folder}: left out`,
    ).toEqual([])
    expect(
      told.filter((name) => !existsSync(join(root, folder, 'src', name!))),
      `${folder}: gone`,
    ).toEqual([])
  }
})

test('the README of a folder of pages leads to each of them', () => {
  const pages = documents.map(({ file }) => file).filter((file) => /^docs\/[a-z]+\/.*\.md$/.test(file) && !/^docs\/(contracts|clients|site)\//.test(file))
  const missing = pages
    .filter((file) => basename(file) !== 'README.md')
    .filter((file) => !readFileSync(join(root, dirname(file), 'README.md'), 'utf8').includes(`(${basename(file)}`))
  expect(pages.length).toBeGreaterThan(30)
  expect(missing).toEqual([])
})
