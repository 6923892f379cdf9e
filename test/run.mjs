// `npm test`: format, lint and types first, then every suite. `npm run check` (`--check`) runs the structure tests instead of all. Plain JavaScript, because the system's Node may be too old to strip types.
import { spawnSync } from 'node:child_process'
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
const steps = [
  ['format and lint', [join(root, 'node_modules/@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '.']],
  ['types', [join(root, 'node_modules/typescript/bin/tsc'), '--noEmit', '-p', 'tsconfig.json']],
  ['types of the Worker', [join(root, 'node_modules/typescript/bin/tsc'), '--noEmit', '-p', 'packages/edge/tsconfig.json']],
  ['types of the console', [join(root, 'node_modules/typescript/bin/tsc'), '--noEmit', '-p', 'packages/console/tsconfig.json']],
  checkOnly ? ['structure', [vitest, 'run', '--project', 'node', '--reporter', 'dot', 'test/structure']] : ['tests', [vitest, 'run', ...process.argv.slice(2)]],
]
for (const [name, args] of steps) {
  const { status } = spawnSync(node, args, { cwd: root, env, stdio: 'inherit' })
  if (status !== 0) {
    console.error(`\nnpm ${checkOnly ? 'run check' : 'test'}: ${name} failed`)
    process.exit(status ?? 1)
  }
}
