import { spawnSync } from 'node:child_process'
import { stripTypeScriptTypes } from 'node:module'
import { parse as parseYaml } from 'yaml'
import type { Block } from './blocks.ts'

/** Throws with what is wrong. */
type Parser = (text: string) => unknown

const typescript: Parser = (text) => {
  try {
    stripTypeScriptTypes(text)
  } catch (error) {
    // A part of a configuration: some of an object's properties.
    try {
      stripTypeScriptTypes(`({\n${text}\n})`)
    } catch {
      throw error
    }
  }
}

/** @param command reads the text from its standard input and exits with 0 where it is well formed */
const by =
  (command: string, args: readonly string[]): Parser =>
  (text) => {
    const { status, stderr, error } = spawnSync(command, args, { input: text, encoding: 'utf8' })
    if (status !== 0) throw error ?? new Error(stderr.trim())
  }

const python = (module: string): string => `import sys, ${module.split('.')[0]}; ${module}(sys.stdin.read())`

/** What each language of a page is read by. `text` is what no program reads: pictures of letters, and what was printed. */
const parsers: Readonly<Record<string, Parser>> = {
  text: () => {},
  bash: by('bash', ['-n']),
  ts: typescript,
  json: (text) => JSON.parse(text),
  jsonl: (text) =>
    text
      .trim()
      .split('\n')
      .forEach((line) => JSON.parse(line)),
  yaml: (text) => parseYaml(text),
  toml: by('python3', ['-c', python('tomllib.loads')]),
  python: by('python3', ['-c', python('ast.parse')]),
}

/** What is wrong with the form of a block, and nothing where it is well formed. */
export function faultOf({ language, text, sketch }: Block): string | undefined {
  const parse = parsers[language]
  if (!parse) return `the fence names no language of ${Object.keys(parsers).join(', ')}`
  if (sketch) return undefined
  try {
    parse(text)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  return undefined
}
