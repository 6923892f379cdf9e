// `npm run docs -- --run [PART OF A NAME]`: every block of the pages against a served Weft on the bundled model, and how each went.
import { globSync } from 'node:fs'
import { serveForClients } from '../clients/serve.ts'
import { root } from '../e2e/weft-process.ts'
import { type Result, runPage } from './run-page.ts'

const [part = ''] = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const pages = globSync(['README.md', 'docs/**/*.md'], { cwd: root, exclude: ['**/node_modules/**', 'docs/dist/**'] }).filter((file) => file.includes(part))
const { url, weft, stop } = await serveForClients()
const results: Result[] = []
try {
  for (const page of pages.sort()) {
    const began = performance.now()
    const its = await runPage(page, { url, apiKey: weft.apiKey })
    results.push(...its)
    if (its.length) console.log(`${page}  ${its.length} blocks, ${((performance.now() - began) / 1000).toFixed(1)} s`)
    for (const { at, fault, notRun } of its) {
      if (fault !== undefined) console.log(`  FAILED ${at}\n${fault.replace(/^/gm, '    ')}`)
      if (notRun !== undefined) console.log(`  not run ${at}: ${notRun}`)
    }
  }
} finally {
  await stop()
}
const failed = results.filter(({ fault }) => fault !== undefined).length
const left = results.filter(({ notRun }) => notRun !== undefined).length
console.log(`${results.length - failed - left} blocks ran, ${left} are marked, ${failed} failed.`)
process.exitCode = failed ? 1 : 0
