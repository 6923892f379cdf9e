// `npm test`: format, lint and types first, then every suite. `npm run check` (`--check`) runs the structure tests instead of all. Plain JavaScript, because the system's Node may be too old to strip types.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const bin = (name) => join(root, 'node_modules', '.bin', name)
// The `node` package (an optional dependency) brings a current Node; npm scripts find it first on PATH, other callers may not.
const node = existsSync(bin('node')) ? bin('node') : process.execPath
const env = { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}:${process.env.PATH}` }

// Processes that tests start find what Node has made of their sources.
env.NODE_COMPILE_CACHE ??= join(root, 'node_modules', '.cache', 'compiled')

const swiftshader = '/usr/lib/chromium/vk_swiftshader_icd.json'
if (existsSync(swiftshader) && !env.VK_ICD_FILENAMES) env.VK_ICD_FILENAMES = swiftshader

const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const checkOnly = process.argv.includes('--check')
const asked = process.argv.slice(2)

/** Runs a program of this Node to its end. @param later what it says is kept until then, for one that runs beside another */
const run = (args, { later = false } = {}) =>
  new Promise((resolve) => {
    const child = spawn(node, args, { cwd: root, env, stdio: later ? ['inherit', 'pipe', 'pipe'] : 'inherit' })
    const said = []
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes) => said.push(bytes))
    child.on('error', () => resolve(1))
    child.on('close', (status) => {
      process.stdout.write(Buffer.concat(said))
      resolve(status ?? 1)
    })
  })

/** Every suite. Files that run the Worker take one process at a time, and files that start processes mostly wait for them: these two run side by side. */
async function suites() {
  const project = (name) => [vitest, 'run', '--project', name]
  const alone = await run(project('node'))
  const beside = await Promise.all([run(project('e2e')), run(project('edge'), { later: true })])
  return [alone, ...beside].find((status) => status !== 0) ?? 0
}

const steps = [
  ['format and lint', () => run([join(root, 'node_modules/@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '.'])],
  ['types', () => run([join(root, 'node_modules/typescript/bin/tsc'), '--noEmit', '-p', 'tsconfig.json'])],
  ['types of the Worker', () => run([join(root, 'node_modules/typescript/bin/tsc'), '--noEmit', '-p', 'packages/edge/tsconfig.json'])],
  ['types of the console', () => run([join(root, 'node_modules/typescript/bin/tsc'), '--noEmit', '-p', 'packages/console/tsconfig.json'])],
  checkOnly
    ? ['structure', () => run([vitest, 'run', '--project', 'node', '--reporter', 'dot', 'test/structure'])]
    : ['tests', () => (asked.length > 0 ? run([vitest, 'run', ...asked]) : suites())],
]
for (const [name, step] of steps) {
  const status = await step()
  if (status !== 0) {
    console.error(`\nnpm ${checkOnly ? 'run check' : 'test'}: ${name} failed`)
    process.exit(status)
  }
}
