import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Weft } from './javascript/program.ts'
import { clientsFolder } from './serve.ts'

const here = import.meta.dirname
const venv = join(clientsFolder, 'venv')
const typescript = join(clientsFolder, 'typescript')

/** Runs to its end, or throws with what it said. */
function run(command: string, args: readonly string[], cwd: string): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw error ?? new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}`)
}

/**
 * Installs what is no part of the project into a folder that git ignores: Python's clients in a virtual environment, and what makes a TypeScript client of a
 * document. What is there in the versions that are asked for is left as it is. @param latest the newest versions instead
 */
export function install(folder: string, { latest }: { latest: boolean }): void {
  mkdirSync(folder, { recursive: true })
  const requirements = readFileSync(join(here, 'python', 'requirements.txt'), 'utf8')
  once(join(venv, 'installed.txt'), requirements, latest, () => {
    console.log('Installing the Python clients …')
    if (!existsSync(venv)) run('python3', ['-m', 'venv', venv], folder)
    const wanted = requirements.trim().split('\n')
    const packages = latest ? ['--upgrade', ...wanted.map((line) => line.replace(/==.*/, ''))] : wanted
    run(join(venv, 'bin', 'pip'), ['install', '--quiet', ...packages], folder)
  })
  const ours = join(here, '../../packages/langchain-python')
  const sources = globSync('{pyproject.toml,README.md,langchain_weft/*.py}', { cwd: ours }).sort()
  const contents = `${requirements}${sources.map((file) => readFileSync(join(ours, file), 'utf8')).join('')}`
  // As it is published, not as it lies here: what is left out of it is missing.
  once(join(venv, 'langchain-weft.txt'), contents, latest, () => {
    console.log('Installing langchain-weft …')
    run(join(venv, 'bin', 'pip'), ['install', '--quiet', '--force-reinstall', '--no-deps', ours], folder)
  })
  const manifest = readFileSync(join(here, 'generated', 'package.json'), 'utf8')
  mkdirSync(typescript, { recursive: true })
  once(join(typescript, 'installed.txt'), manifest, latest, () => {
    console.log('Installing what makes a TypeScript client …')
    cpSync(join(here, 'generated', 'package.json'), join(typescript, 'package.json'))
    const newest = latest ? ['openapi-fetch@latest', 'openapi-typescript@latest'] : []
    run('npm', ['install', '--no-audit', '--no-fund', '--silent', ...newest], typescript)
  })
}

/** Does what a file does not say was done. What the newest versions are changes, so that it is not written down. */
function once(file: string, wanted: string, always: boolean, work: () => void): void {
  if (!always && existsSync(file) && readFileSync(file, 'utf8') === wanted) return
  work()
  writeFileSync(file, always ? '' : wanted)
}

/** Python's programs: what each is called, how it is run, and where. */
export function pythonPrograms(): [name: string, command: string[], folder: string][] {
  const folder = join(here, 'python')
  const names = {
    'openai (Python)': 'openai_client',
    'langchain-openai (Python)': 'langchain_client',
    'langgraph (Python)': 'langgraph_client',
    'langchain-weft (Python)': 'weft_langchain',
    'README of langchain-weft (Python)': 'weft_langchain_readme',
    'instructor (Python)': 'instructor_client',
    'litellm (Python)': 'litellm_client',
    'litellm proxy (Python)': 'litellm_proxy',
    'openapi-python-client (Python)': 'generated_client',
  }
  return Object.entries(names).map(([name, file]) => [name, [join(venv, 'bin', 'python'), `${file}.py`], folder])
}

type Told = (command: readonly string[], cwd: string) => (weft: Weft) => Promise<void>

/** Makes a client of the edge's own document, compiles a program that uses it, and runs the program. */
export async function generatedTypescript(weft: Weft, told: Told): Promise<void> {
  const document = await (await fetch(`${weft.baseURL.replace(/\/v1$/, '')}/openapi.json`)).text()
  writeFileSync(join(typescript, 'openapi.json'), document)
  cpSync(join(here, 'generated', 'use.ts'), join(typescript, 'use.ts'))
  writeFileSync(join(typescript, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['use.ts', 'schema.d.ts'] }))
  const bin = (name: string) => join(typescript, 'node_modules', '.bin', name)
  await told([bin('openapi-typescript'), 'openapi.json', '-o', 'schema.d.ts'], typescript)(weft)
  await told([bin('tsc'), '-p', 'tsconfig.json'], typescript)(weft)
  await told([process.execPath, 'use.ts'], typescript)(weft)
}

const compilerOptions = {
  target: 'ES2023',
  module: 'NodeNext',
  lib: ['ES2023', 'DOM'],
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  allowImportingTsExtensions: true,
  noEmit: true,
}
