import { mkdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { consoleFiles } from '@weft/console'
import { emit } from './emit.ts'
import { packingFailed } from './errors.ts'
import { publishedPackages, root } from './published-packages.ts'
import { reach } from './reach.ts'
import { run } from './run.ts'
import { stage } from './stage.ts'

const work = join(root, '.weft', 'packages')

/** Builds every published package and packs it as `npm publish` would. Returns the tarballs. */
export const packAll = async (destination: string): Promise<string[]> => {
  await consoleFiles()
  const emitted = join(work, 'emitted')
  await emit(emitted)
  const packages = publishedPackages()
  const versions = new Map(packages.map(({ manifest }) => [manifest.name, manifest.version]))
  const reached = reach(packages, emitted)
  const staged = join(work, 'staged')
  rmSync(staged, { recursive: true, force: true })
  const folders = packages.map((each) => {
    const to = join(staged, basename(each.folder))
    stage(each, reached.get(each.manifest.name)!, emitted, versions, to)
    return to
  })
  rmSync(destination, { recursive: true, force: true })
  mkdirSync(destination, { recursive: true })
  const stdout = await run('npm', ['pack', '--json', '--pack-destination', destination, ...folders], staged, (output) =>
    packingFailed(`npm pack failed:\n${output}`),
  )
  const packed = JSON.parse(stdout) as { filename: string }[]
  return Object.values(packed).map(({ filename }) => join(destination, filename))
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { out: { type: 'string', default: join(root, 'dist') } } })
  for (const tarball of await packAll(values.out)) console.log(tarball)
}
