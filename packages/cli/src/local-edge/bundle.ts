import { mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { bundleFailed } from '../errors.ts'
import { root } from '../launcher/project.ts'
import { bundleOf } from './bundle-folder.ts'
import { nameOf } from './cache/cached.ts'
import { isAsObserved, type Observation } from './cache/observation.ts'
import { type Metafile, sourcesOf } from './cache/sources.ts'
import { cacheOfUser, type StartCache } from './cache/start-cache.ts'
import { hasEnvironmentFiles, wranglerInUse } from './cache/wrangler-in-use.ts'
import type { RawConfiguration } from './raw-configuration.ts'
import { runWrangler } from './wrangler.ts'

/** A bundle that is kept, and all that it was made of. */
interface Bundle {
  sources: Observation[]
  script: string
}

/** What bundles: a deployment's Worker into a folder, and what it was made of into a file. */
export type Bundler = (deployment: string, folder: string, metafile: string) => Promise<void>

const byWrangler: Bundler = (deployment, folder, metafile) =>
  runWrangler(['deploy', '--dry-run', '--config', deployment, '--outdir', folder, '--metafile', metafile], bundleFailed)

/**
 * Bundles the Worker as a deployment would, without deploying it. One that is kept, and of which nothing has changed, is taken as it is.
 * @param deployment wrangler.toml, or the launcher's copy of it
 * @throws CliError `bundle_failed`, with what the bundler said
 */
export const bundleWorker = async (
  state: string,
  deployment: string,
  cache: StartCache = cacheOfUser(),
  bundle = byWrangler,
  now = Date.now,
): Promise<void> => {
  const folder = bundleOf(state)
  const configuration = JSON.parse(readFileSync(deployment, 'utf8')) as RawConfiguration
  const name = nameOfBundle(configuration, deployment)
  const text = name && cache.read(name)
  rmSync(folder, { recursive: true, force: true })
  if (text) {
    const { sources, script } = JSON.parse(text) as Bundle
    if (sources.every(isAsObserved)) {
      mkdirSync(folder, { recursive: true })
      return writeFileSync(join(folder, MODULE), script)
    }
  }
  const began = now()
  const metafile = join(state, 'edge', 'worker-inputs.json')
  await bundle(deployment, folder, metafile)
  if (name === undefined || readdirSync(folder).some((file) => !ofOneModule.includes(file))) return
  const named = aliasesOf(configuration)
  const sources = sourcesOf({ metafile: JSON.parse(readFileSync(metafile, 'utf8')) as Metafile, folder: dirname(deployment), began, named, project: root })
  if (sources) cache.write(name, JSON.stringify({ sources, script: readFileSync(join(folder, MODULE), 'utf8') } satisfies Bundle))
}

const MODULE = 'index.js'
/** What wrangler writes of a Worker of one module. */
const ofOneModule = [MODULE, `${MODULE}.map`, 'README.md']

/** Settings by which a bundle holds, or goes by, files that are none of its imports. */
const reachingFurther = ['tsconfig', 'no_bundle', 'find_additional_modules', 'base_dir', 'rules', 'wasm_modules', 'text_blobs', 'data_blobs', 'site']

const reachesFurther = (configuration: object): boolean => reachingFurther.some((field) => field in configuration)

/** The files that imports are told to find. */
const aliasesOf = ({ alias = {} }: RawConfiguration): string[] => Object.values(alias as Record<string, string>)

/** Undefined where it cannot be told what a bundle is made of. */
const nameOfBundle = (configuration: RawConfiguration, deployment: string): string | undefined => {
  if (hasEnvironmentFiles(dirname(deployment)) || [configuration, ...Object.values(configuration.env ?? {})].some(reachesFurther)) return undefined
  const using = wranglerInUse(import.meta.filename)
  const { assets: _, ...rest } = configuration
  // Others are looked for from the state folder.
  const whole = aliasesOf(configuration).every((file) => isAbsolute(file) && isItself(file))
  return using && whole ? nameOf('bundle', [using, rest]) : undefined
}

const isItself = (file: string): boolean => {
  try {
    return realpathSync.native(file) === file
  } catch {
    return false
  }
}
