import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findChromium } from './chromium.ts'

/** `npm run test:browser [-- NAME OF A FILE]`: every page in the system's Chromium, against a Weft of its own. */
const root = fileURLToPath(new URL('../../../../', import.meta.url))
if (findChromium() === undefined) {
  console.log('test:browser is skipped: there is no Chromium here. Install one, or name one in CHROMIUM.')
  process.exit(0)
}
const config = join(dirname(fileURLToPath(import.meta.url)), 'vitest.config.ts')
const { status } = spawnSync(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--config', config, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
process.exitCode = status ?? 1
