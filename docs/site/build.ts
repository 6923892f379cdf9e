// `npm run docs`: the site into docs/dist, every link and anchor of it checked. The first time, it installs Starlight and Scalar into docs/site.
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { askedElsewhere, brokenLinks } from './check.ts'
import { gather } from './gather.ts'
import { writeApiReference } from './openapi.ts'
import { root } from './pages.ts'

const site = import.meta.dirname
const dist = join(root, 'docs', 'dist')
const env = { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}:${process.env.PATH}`, ASTRO_TELEMETRY_DISABLED: '1' }

const run = (command: string, args: string[]): void => {
  const { status } = spawnSync(command, args, { cwd: site, env, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

if (!existsSync(join(site, 'node_modules', 'astro'))) run('npm', ['ci', '--no-fund', '--no-audit'])
gather()
rmSync(dist, { recursive: true, force: true })
run(process.execPath, [join(site, 'node_modules', 'astro', 'bin', 'astro.mjs'), 'build'])
await writeApiReference(join(dist, 'openapi'))

const faults = [...brokenLinks(dist).map((link) => `leads nowhere: ${link}`), ...askedElsewhere(dist).map((link) => `asks another server: ${link}`)]
for (const fault of faults) console.error(fault)
console.log(faults.length ? `docs: ${faults.length} faults` : `docs: every link and anchor is good; ${join('docs', 'dist', 'index.html')}`)
process.exit(faults.length ? 1 : 0)
