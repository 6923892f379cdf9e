import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { codeOf } from '../../structure/markdown.ts'
import type { Program } from './program.ts'

const root = join(import.meta.dirname, '..', '..', '..')

/** Runs every block of TypeScript of a package's README as a program of its own, told by the environment where Weft answers. Each prints something. */
export const readmeOf =
  (name: string): Program =>
  async ({ baseURL, apiKey }) => {
    const blocks = codeOf(readFileSync(join(root, 'packages', name, 'README.md'), 'utf8')).filter(({ language }) => language === 'ts')
    assert(blocks.length > 0)
    // Inside the project, where imports are found.
    const folder = join(root, '.weft', 'clients', `readme-${name}-${process.pid}`)
    mkdirSync(folder, { recursive: true })
    const { log } = console
    const before = { ...process.env }
    Object.assign(process.env, { WEFT_URL: baseURL.replace(/\/v1$/, ''), WEFT_API_KEY: apiKey })
    try {
      for (const { text, line } of blocks) {
        let printed = ''
        console.log = (...said: unknown[]) => (printed += `${said.join(' ')}\n`)
        const file = join(folder, `line-${line}.ts`)
        writeFileSync(file, text)
        await import(/* @vite-ignore */ pathToFileURL(file).href)
        assert.notEqual(printed.trim(), '', `line ${line} of the README of ${name} printed nothing`)
      }
    } finally {
      console.log = log
      process.env = before
      rmSync(folder, { recursive: true })
    }
  }
