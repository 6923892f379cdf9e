import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { folderNotEmpty, folderUnwritable, installFailed, nameInvalid } from './errors.ts'
import { ownTarballFolder, tarballsIn } from './tarballs.ts'

const packageFolder = fileURLToPath(new URL('..', import.meta.url))

export interface CreateOptions {
  /** Folder of the tarballs that `npm run pack:all` writes; where it is not said, the folder of this package's own tarball, else the registry. */
  packages?: string | undefined
  /** Whether `npm install` runs in the new folder; true unless said. */
  install?: boolean | undefined
}

interface Manifest {
  name: string
  dependencies: Record<string, string>
}

/**
 * Makes a folder with a configuration, one method of one's own with its test, and a deployment.
 * @returns the folder's path
 * @throws CreateError `folder_not_empty`, `folder_unwritable`, `name_invalid`, `packages_missing`, `install_failed`
 */
export const createProject = (folder: string, { packages, install = true }: CreateOptions = {}): string => {
  const target = resolve(folder)
  const name = basename(target)
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(name)) throw nameInvalid(name)
  if (filesIn(target).length > 0) throw folderNotEmpty(target)
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string }
  const template = join(packageFolder, 'template')
  const manifest = JSON.parse(readFileSync(join(template, 'package.json'), 'utf8')) as Manifest
  const ours = Object.keys(manifest.dependencies).filter((one) => one.startsWith('@weft/'))
  const from = packages ?? ownTarballFolder(packageFolder)
  const tarballs = from === undefined ? undefined : tarballsIn(resolve(from), ours)
  const found = Object.fromEntries(ours.map((one) => [one, tarballs?.[one] ?? version]))
  // Packages name each other by version, which no registry may have yet: those that the project does not name itself come from tarballs too.
  const others = Object.fromEntries(Object.entries(tarballs ?? {}).filter(([one]) => !ours.includes(one)))
  tried(target, () => cpSync(template, target, { recursive: true }))
  // npm leaves out a file of that name when it packs.
  renameSync(join(target, 'gitignore'), join(target, '.gitignore'))
  const dependencies = Object.fromEntries(Object.entries({ ...manifest.dependencies, ...found }).sort(([a], [b]) => (a < b ? -1 : 1)))
  writeFileSync(join(target, 'package.json'), `${JSON.stringify({ ...manifest, name, dependencies, ...(tarballs && { overrides: others }) }, null, 2)}\n`)
  // A Worker's name has no dots, which a package's may have.
  for (const [file, said] of Object.entries({ 'README.md': name, 'wrangler.toml': name.replaceAll('.', '-') })) {
    const text = readFileSync(join(target, file), 'utf8')
    writeFileSync(join(target, file), text.replaceAll('my-app', said))
  }
  if (install) installIn(target)
  return target
}

const filesIn = (folder: string): string[] => tried(folder, () => (existsSync(folder) ? readdirSync(folder) : []))

const tried = <T>(folder: string, work: () => T): T => {
  try {
    return work()
  } catch (error) {
    throw folderUnwritable(folder, error as NodeJS.ErrnoException)
  }
}

/** What npm tells a program that it runs is about another folder. */
const ofThisRun = /^(npm_(command|package_.*|lifecycle_.*|config_local_prefix)|INIT_CWD)$/

const installIn = (folder: string): void => {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ofThisRun.test(name)))
  // On Windows npm is a script, which Node runs in a shell only; the words are ours, so none needs quotes.
  const { status } = spawnSync('npm install', { cwd: folder, env, stdio: 'inherit', shell: true })
  if (status !== 0) throw installFailed(status)
}
