import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { wrangler } from '../launcher/project.ts'
import { type Bundler, bundleWorker } from './bundle.ts'
import { bundleOf } from './bundle-folder.ts'
import { cacheIn } from './cache/start-cache.ts'

const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'weft-bundle-')))
const cacheFolder = join(scratch, 'kept')
const cache = cacheIn(cacheFolder)
const write = (said: string, name = 'weft.config.ts'): void => writeFileSync(join(scratch, name), `export default ${JSON.stringify(said)}`)

/** wrangler's own bundler in wrangler's place, which takes seconds. */
const { build } = createRequire(wrangler)('esbuild') as { build(options: object): Promise<{ metafile: object }> }
let runs = 0
const bundler: Bundler = async (deployment, outdir, file) => {
  runs++
  const { main, alias, minify } = JSON.parse(readFileSync(deployment, 'utf8')) as { main: string; alias: Record<string, string>; minify?: boolean }
  const { metafile } = await build({
    entryPoints: [main],
    bundle: true,
    format: 'esm',
    metafile: true,
    absWorkingDir: dirname(deployment),
    outdir,
    alias,
    minify,
    logLevel: 'silent',
  })
  writeFileSync(file, JSON.stringify(metafile))
}

/** A start with a state folder of its own: what the Worker says, and whether it was bundled. */
const start = async (name: string, fields: object = {}, now = () => Date.now() + 60_000): Promise<{ script: string; made: boolean }> => {
  const state = join(scratch, name)
  mkdirSync(join(state, 'edge'), { recursive: true })
  const deployment = join(state, 'wrangler.json')
  writeFileSync(deployment, JSON.stringify({ main: join(scratch, 'index.ts'), alias: { 'weft.config': join(scratch, 'weft.config.ts') }, ...fields }))
  const before = runs
  await bundleWorker(state, deployment, cache, bundler, now)
  return { script: readFileSync(join(bundleOf(state), 'index.js'), 'utf8'), made: runs > before }
}

test('a bundle is made once for all state folders, and anew where anything that it is made of has changed', async () => {
  writeFileSync(join(scratch, 'index.ts'), "import said from 'weft.config'\nexport default { fetch: () => new Response(said) }")
  write('as it was')
  const first = await start('first')
  expect(first).toMatchObject({ made: true, script: expect.stringContaining('as it was') })
  expect(await start('second')).toEqual({ made: false, script: first.script })

  // Changed a moment ago, and perhaps a moment ago again: that one is not kept.
  write('as it is')
  const changed = { script: expect.stringContaining('as it is') }
  expect(await start('second', {}, Date.now)).toMatchObject({ made: true, ...changed })
  expect(await start('third')).toMatchObject({ made: true, ...changed })
  expect(await start('fourth')).toMatchObject({ made: false, ...changed })

  const other = { alias: { 'weft.config': join(scratch, 'other.config.ts') } }
  write('otherwise', 'other.config.ts')
  expect(await start('fourth', other)).toMatchObject({ made: true, script: expect.stringContaining('otherwise') })
  expect(await start('fourth')).toMatchObject({ made: false, ...changed })
  expect(await start('fourth', { minify: true })).toMatchObject({ made: true, ...changed })
  for (const name of ['NODE_ENV', 'CLOUDFLARE_ENV']) {
    const was = process.env[name]
    process.env[name] = 'another'
    expect(await start('fourth')).toMatchObject({ made: true, ...changed })
    if (was === undefined) delete process.env[name]
    else process.env[name] = was
  }
  rmSync(cacheFolder, { recursive: true })
  expect(await start('fourth')).toMatchObject({ made: true, ...changed })
  expect(await start('fourth')).toMatchObject({ made: false, ...changed })
})

test('where it cannot be told what a bundle is made of, none is kept', async () => {
  write('as it is')
  writeFileSync(join(scratch, 'index.ts'), "import said from 'weft.config'\nexport default said")
  // Where a start would look for one that is not named whole.
  mkdirSync(join(scratch, 'fifth'))
  write('as it is', join('fifth', 'weft.config.ts'))
  for (const fields of [{ find_additional_modules: true }, { env: { there: { tsconfig: 'other.json' } } }, { alias: { 'weft.config': './weft.config.ts' } }]) {
    for (let at = 0; at < 2; at++) expect(await start('fifth', fields)).toMatchObject({ made: true })
  }
  expect(await start('sixth')).toMatchObject({ made: true })
  writeFileSync(join(scratch, 'sixth', '.dev.vars'), 'SAID=here')
  expect(await start('sixth')).toMatchObject({ made: true })
  rmSync(join(scratch, 'sixth', '.dev.vars'))
  expect(await start('sixth')).toMatchObject({ made: false })
})

test('two starts at once both have it whole', async () => {
  write('both')
  const both = await Promise.all([start('seventh'), start('eighth')])
  expect(both.map(({ script }) => script)).toEqual([expect.stringContaining('both'), expect.stringContaining('both')])
  expect(await start('ninth')).toMatchObject({ made: false, script: both[0].script })
})

test('what cannot be bundled is said, and leaves what is kept', async () => {
  write('well')
  await start('tenth')
  writeFileSync(join(scratch, 'weft.config.ts'), 'export default (')
  await expect(start('tenth')).rejects.toThrow()
  write('well')
  expect(await start('tenth')).toMatchObject({ made: false, script: expect.stringContaining('well') })
})
