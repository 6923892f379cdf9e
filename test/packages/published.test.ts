import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packAll } from '../../packaging/pack-all.ts'
import { publishedPackages, readManifest } from '../../packaging/published-packages.ts'

const packages = publishedPackages()
let folder: string
let tarballs: string[]
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weft-packages-'))
  tarballs = await packAll(folder)
}, 240_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const tarballOf = (name: string, version: string): string => join(folder, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`)

test('every package of ours but the tests is published', () => {
  expect(tarballs.map((file) => basename(file)).sort()).toEqual(packages.map(({ manifest: { name, version } }) => basename(tarballOf(name, version))).sort())
  expect(packages.length).toBeGreaterThan(15)
})

test.each(packages)('$manifest.name: publint and "are the types wrong?" find nothing', async ({ manifest: { name, version } }) => {
  const bytes = readFileSync(tarballOf(name, version))
  const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
  const { messages } = await publint({ pack: { tarball }, strict: true })
  expect(messages.map((message) => formatMessage(message, readManifest('.')))).toEqual([])
  const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(tarball)), { excludeEntrypoints: ['./package.json'] })
  // Packages are ES modules: what `require` and TypeScript's resolution of before 2020 make of them is not asked.
  const problems =
    analysis.types === false
      ? []
      : analysis.problems.filter((problem) => !('resolutionKind' in problem) || /^(node16-esm|bundler)$/.test(problem.resolutionKind))
  expect(problems).toEqual([])
  expect(analysis.types).not.toBe(false)
})
