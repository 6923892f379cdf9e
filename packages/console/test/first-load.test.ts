import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { consoleFiles } from '@weft/console'
import { expect, test } from 'vitest'

interface Chunk {
  file: string
  css?: string[]
  imports?: string[]
  dynamicImports?: string[]
}

test('what a browser loads before a page is shown is at most 150 KB gzip, whichever page it is', async () => {
  const folder = join(await consoleFiles(), 'console')
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Record<string, Chunk>
  /** Files of a chunk with all that it imports. */
  const filesOf = (name: string, seen = new Set<string>()): Set<string> => {
    const { file, css = [], imports = [] } = manifest[name]!
    if (!seen.has(file)) {
      for (const each of [file, ...css]) seen.add(each)
      for (const each of imports) filesOf(each, seen)
    }
    return seen
  }
  const size = (files: Iterable<string>): number => [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(folder, file))).length, 0)
  const first = filesOf('index.html')
  const pages = manifest['index.html']!.dynamicImports ?? []
  expect(pages.length).toBeGreaterThan(1)
  const sizes = pages.map((page) => [page, size(new Set(['index.html', ...first, ...filesOf(page)]))] as const)
  console.log(`first load, gzip: ${sizes.map(([page, bytes]) => `${page.split('/').at(-1)} ${(bytes / 1000).toFixed(0)} KB`).join(', ')}`)
  for (const [page, bytes] of sizes) expect(bytes, page).toBeLessThan(150_000)
  // What reads PEFT's files comes when there are some.
  expect(Object.keys(manifest).some((name) => name.includes('import-peft'))).toBe(true)
  expect(pages.some((name) => name.includes('import-peft'))).toBe(false)
})

test('the page has no script and no style of its own, which its policy would refuse', async () => {
  const folder = join(await consoleFiles(), 'console')
  const page = readFileSync(join(folder, 'index.html'), 'utf8')
  expect(page).not.toMatch(/<script(?![^>]*\bsrc="\.\/)|<style|\sstyle=|\son\w+=|https?:\/\//)
  expect(statSync(join(folder, 'icon.svg')).size).toBeLessThan(2000)
})
