import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, normalize } from 'node:path'
import { notBuilt, notExported } from './errors.ts'
import { type PublishedPackage, root } from './published-packages.ts'
import { packageOf, specifiersOf } from './specifiers.ts'

/** What of a package is published. */
export interface Reached {
  /** Files of the emitted tree, relative to the package's folder, without extension: each is a `.js` and a `.d.ts`. */
  readonly modules: Set<string>
  /** Files that are no code and are named by their place: copied as they are. */
  readonly data: Set<string>
  /** Its export keys (`.`, `./errors`) and the source file of each. */
  readonly entries: Map<string, string>
  /** Packages that its files import, without Node's own. */
  readonly dependencies: Set<string>
  /** All its code: packages that hold data or a library are found by their folder, which the code names in quotes. */
  readonly texts: string[]
}

const provided = (name: string): boolean => /^(node:|cloudflare:|weft\.config$|bun$)/.test(name) || builtinModules.includes(name)

/**
 * Follows every import from what packages export and run. A pattern of `exports` is for use within the repository: of it, those paths are
 * published that another published package imports; but where each match is a folder with an `index.ts`, all are meant.
 * @param emitted the folder of `emit`
 */
export const reach = (packages: readonly PublishedPackage[], emitted: string): Map<string, Reached> => {
  const byName = new Map(packages.map((each) => [each.manifest.name, each]))
  const reached = new Map<string, Reached>(
    packages.map(({ manifest }) => [manifest.name, { modules: new Set(), data: new Set(), entries: new Map(), dependencies: new Set(), texts: [] }]),
  )

  const visit = (owner: PublishedPackage, file: string): void => {
    const { modules, data } = reached.get(owner.manifest.name)!
    const name = file.replace(/\.(js|tsx?|mjs)$/, '')
    if (modules.has(name)) return
    const texts = [`${name}.js`, `${name}.d.ts`].map((path) => join(emitted, owner.folder, path)).filter((path) => existsSync(path))
    if (texts.length === 0 && file !== 'package.json' && statSync(join(root, owner.folder, file), { throwIfNoEntry: false })?.isFile()) data.add(file)
    if (texts.length === 0) return
    modules.add(name)
    for (const path of texts) follow(owner, dirname(name), readFileSync(path, 'utf8'))
  }

  const follow = (owner: PublishedPackage, folder: string, text: string): void => {
    const { dependencies, texts } = reached.get(owner.manifest.name)!
    texts.push(text)
    for (const specifier of specifiersOf(text)) {
      if (specifier.startsWith('.')) visit(owner, normalize(join(folder, specifier)))
      else if (!provided(specifier)) {
        const name = packageOf(specifier)
        if (name !== owner.manifest.name) dependencies.add(name)
        const target = byName.get(name)
        if (target) enter(target, `.${specifier.slice(name.length)}`, owner.manifest.name)
      }
    }
  }

  const enter = (target: PublishedPackage, key: string, user: string): void => {
    const { exports = {}, name } = target.manifest
    const source = exports[key] ?? (key === '.' ? undefined : exports['./*']?.replace('*', key.slice(2)))
    if (source === undefined || !existsSync(join(root, target.folder, source))) throw notExported(`${name}${key.slice(1)}`, user)
    reached.get(name)!.entries.set(key, source)
    visit(target, normalize(source))
    if (/\.tsx?$/.test(source) && !reached.get(name)!.modules.has(normalize(source).replace(/\.tsx?$/, ''))) throw notBuilt(name, source)
  }

  for (const each of packages) {
    const { name, exports = {}, bin = {} } = each.manifest
    for (const key of Object.keys(exports)) if (!key.includes('*')) enter(each, key, name)
    const every = exports['./*']
    if (every?.endsWith('/*/index.ts')) for (const file of globSync(every, { cwd: join(root, each.folder) })) enter(each, `./${file.split('/').at(-2)}`, name)
    for (const file of Object.values(bin)) follow(each, normalize(dirname(file)), readFileSync(join(root, each.folder, file), 'utf8'))
  }
  return reached
}
