import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Of every file of the chart, by name: says without Helm whether the chart has changed since it was rendered. @returns sha256 in hex */
export function chartDigest(chart: string): string {
  const sha = createHash('sha256')
  for (const file of globSync('**/*.*', { cwd: chart }).sort()) sha.update(`${file}\n`).update(readFileSync(join(chart, file)))
  return sha.digest('hex')
}
