import { createHash, randomBytes } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))

/** Where the built files lie; what is served as `/console/…` is in its folder `console`. */
const builtFolder = join(here, 'built')

const stamp = join(builtFolder, 'sources.sha256')

/** What the page is made of: its own sources, and those of the packages that go into it. */
const parts = ['console/{src,public}/**/*.*', 'console/{index.html,build.ts,package.json}', '{client,protocol,adapters,methods}/src/**/*.ts']

const digestOfSources = (): string => {
  const hash = createHash('sha256')
  const packages = join(here, '..')
  for (const file of parts.flatMap((pattern) => globSync(pattern, { cwd: packages })).sort())
    if (!/\.test\.tsx?$/.test(file))
      hash
        .update(file)
        .update('\0')
        .update(readFileSync(join(packages, file)))
  return hash.digest('hex')
}

/** Packages of ours whose modules do nothing but define: what is not used of them is left out. */
const defining = /\/packages\/(client|protocol|adapters|methods|graph)\/|\/plugins\//

/** Builds into `folder`. */
const bundle = async (folder: string): Promise<void> => {
  const { build } = await import('vite')
  await build({
    root: here,
    // Whoever serves the page says where its files lie, seen from its address.
    base: './',
    configFile: false,
    logLevel: 'error',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir: join(folder, 'console'),
      emptyOutDir: true,
      target: 'es2022',
      // An inlined file would be a data: address, which the page's policy refuses.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      manifest: 'manifest.json',
      rolldownOptions: { treeshake: { moduleSideEffects: (id) => !defining.test(id) } },
    },
  })
}

/**
 * The folder of the console's built files, built anew where its sources have changed since. Several processes may ask at once.
 * @param say hears one line when there is something to build
 */
export async function buildConsole({ say = () => {} }: { say?: (line: string) => void } = {}): Promise<string> {
  const digest = digestOfSources()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return builtFolder
  const started = performance.now()
  const fresh = `${builtFolder}-${randomBytes(6).toString('hex')}`
  const old = `${fresh}-old`
  try {
    mkdirSync(fresh, { recursive: true })
    await bundle(fresh)
    writeFileSync(join(fresh, 'sources.sha256'), digest)
    if (existsSync(builtFolder)) renameSync(builtFolder, old)
    try {
      renameSync(fresh, builtFolder)
    } catch (error) {
      // Another process has put its own there meanwhile, of the same sources.
      if (!existsSync(stamp)) throw error
    }
  } finally {
    for (const folder of [fresh, old]) rmSync(folder, { recursive: true, force: true })
  }
  say(`The console was built in ${((performance.now() - started) / 1000).toFixed(1)} s.`)
  return builtFolder
}

if (import.meta.main) await buildConsole({ say: console.log })
