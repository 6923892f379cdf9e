import { execFile, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { root } from '../e2e/weft-process.ts'
import { type Block, blocksOf, matches, shrunk } from './blocks.ts'

/** Where the server of the pages answers, and by which key. */
export interface Served {
  readonly url: string
  readonly apiKey: string
}

export interface Result {
  readonly at: string
  /** Of a block that failed. */
  readonly fault?: string
  /** Of a block that was left out. */
  readonly notRun?: string
}

/** Languages that are run; of the others the form is checked. */
const runnable = ['bash', 'ts', 'python']

/** Python's clients, where `npm run test:clients` has installed them. */
const python = join(root, '.weft', 'clients', 'venv', 'bin', 'python')

/** The folder of a Python that has PyTorch and PEFT, by `PYTHON_WITH_PEFT=/path/to/python`. */
const peft = process.env.PYTHON_WITH_PEFT && dirname(process.env.PYTHON_WITH_PEFT)

/** Seconds in which a server has to say that it serves. */
const START = 60

/** A program that makes the configuration: of some fields together with what every configuration has. */
const configured = (text: string): string => {
  const imports = "import { plugins } from '@weft/plugins'\nimport { defineConfig } from '@weft/protocol'\n"
  const every = "models: { base: { path: '@weft/base-model' } }, plugins: [...plugins],"
  if (!text.startsWith('export default')) return `${imports}defineConfig({ ${every}\n${text}\n})`
  return text.includes('models:') ? imports + text : imports + text.replace('defineConfig({', `defineConfig({ ${every}`)
}

const has = (module: string): boolean => peft !== undefined && spawnSync(process.env.PYTHON_WITH_PEFT!, ['-c', `import ${module}`]).status === 0

/** A folder that looks like a clone in which Weft is served: what is written there stays there. */
function clone({ apiKey }: Served): string {
  const folder = mkdtempSync(join(tmpdir(), 'weft-page-'))
  for (const entry of readdirSync(root)) if (!entry.startsWith('.') && entry !== 'dist') symlinkSync(join(root, entry), join(folder, entry))
  mkdirSync(join(folder, '.weft'))
  writeFileSync(join(folder, '.weft', 'key'), apiKey)
  mkdirSync(join(folder, '.bin'))
  // What npx finds in a clone, without the second that it takes to look.
  writeFileSync(join(folder, '.bin', 'npx'), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 })
  // The packages are the clone's own: a page may not install them anew.
  writeFileSync(join(folder, '.bin', 'npm'), '#!/bin/sh\necho "npm changes what is installed, or starts a server: mark the block" >&2\nexit 1\n', {
    mode: 0o755,
  })
  return folder
}

/** Runs the blocks of a page in order, in one folder, against one server; those after a fault too, for they may not need it. */
export async function runPage(file: string, served: Served): Promise<Result[]> {
  const folder = clone(served)
  const env = {
    ...process.env,
    PATH: [join(folder, '.bin'), join(root, 'node_modules', '.bin'), ...(peft ? [peft] : []), process.env.PATH].join(':'),
    WEFT_URL: served.url,
    WEFT_API_KEY: served.apiKey,
    WEFT_STATE: join(folder, '.weft'),
    OPENAI_BASE_URL: `${served.url}/v1`,
    OPENAI_API_KEY: served.apiKey,
    LITELLM_LOCAL_MODEL_COST_MAP: 'True',
  }
  const here = (text: string): string => text.replaceAll('http://127.0.0.1:8787', served.url)
  const run = (command: string, args: string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const child = execFile(command, args, { cwd: folder, env, timeout: 240_000, maxBuffer: 16 * 2 ** 20 }, (error, stdout, stderr) => {
        if (error) reject(new Error(`${stdout}${stderr}`.trim().split('\n').slice(-8).join('\n') || error.message))
        else resolve(stdout)
      })
      child.stdin?.end()
    })
  const shell = (text: string): Promise<string> => run('bash', ['-euo', 'pipefail', '-c', here(text)])
  /** Until it has printed what says that it serves. All that it started is stopped. */
  const shellUntil = (text: string, until: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const child = spawn('bash', ['-euo', 'pipefail', '-c', here(text)], { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
      let printed = ''
      const ended = (result: () => void): void => {
        clearTimeout(timer)
        try {
          process.kill(-child.pid!, 'SIGKILL')
        } catch {
          // All of it has ended.
        }
        result()
      }
      const timer = setTimeout(() => ended(() => reject(new Error(`"${until}" was not printed within ${START} s:\n${printed.slice(-2000)}`))), START * 1000)
      const read = (bytes: Buffer): void => {
        printed += bytes.toString()
        if (printed.includes(until)) ended(() => resolve(printed))
      }
      child.stdout.on('data', read)
      child.stderr.on('data', read)
      child.once('exit', () => ended(() => reject(new Error(printed.trim() || 'it ended'))))
    })
  const program = (block: Block, command: string, ending: string): Promise<string> => {
    const name = `block-${block.line}.${ending}`
    writeFileSync(join(folder, name), here(block.text))
    return run(command, [name])
  }
  const output = async (written: Block): Promise<string> => {
    const block = written.smaller ? { ...written, text: shrunk(written) } : written
    if (block.language === 'bash') {
      const text = block.first ? `{ ${block.first}\n} >/dev/null\n${block.text}` : block.text
      return block.until === undefined ? shell(text) : shellUntil(text, block.until)
    }
    if (block.first) await shell(block.first)
    if (block.config) return program({ ...block, text: configured(block.text) }, process.execPath, 'ts')
    return block.language === 'ts' ? program(block, process.execPath, 'ts') : program(block, python, 'py')
  }
  const results: Result[] = []
  try {
    for (const block of blocksOf(readFileSync(join(root, file), 'utf8'))) {
      if (!runnable.includes(block.language) || block.sketch) continue
      const at = `${file}:${block.line}`
      const notRun =
        block.notRun ??
        (block.language === 'python' && !existsSync(python) ? 'npm run test:clients installs the Python clients' : undefined) ??
        (block.needs && !has(block.needs) ? `needs Python with ${block.needs}: PYTHON_WITH_PEFT names one` : undefined)
      if (notRun !== undefined) results.push({ at, notRun })
      else
        results.push(
          await output(block).then(
            (printed) => (block.prints === undefined || matches(block.prints, printed) ? { at } : { at, fault: `printed is\n${printed}` }),
            (error: Error) => ({ at, fault: error.message }),
          ),
        )
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return results
}
