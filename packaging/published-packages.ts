import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export const root = join(import.meta.dirname, '..')

/** What a `package.json` of this repository may say; `files` are what is copied beside the built code. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly description?: string
  readonly private?: boolean
  readonly type?: string
  readonly engines?: Record<string, string>
  readonly bin?: Record<string, string>
  readonly files?: readonly string[]
  readonly exports?: Record<string, string>
  readonly dependencies?: Record<string, string>
  readonly peerDependencies?: Record<string, string>
  readonly peerDependenciesMeta?: Record<string, object>
  readonly optionalDependencies?: Record<string, string>
  readonly license?: string
  readonly repository?: { readonly type: string; readonly url: string }
}

/** A workspace package that is published: every one whose manifest does not say `private`. */
export interface PublishedPackage {
  /** Relative to the root. */
  readonly folder: string
  readonly manifest: Manifest
}

export const readManifest = (folder: string): Manifest => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))

export const publishedPackages = (): PublishedPackage[] =>
  globSync('{packages/*,plugins,gpu-runner}/package.json', { cwd: root })
    .map((file) => ({ folder: dirname(file), manifest: readManifest(dirname(file)) }))
    .filter(({ manifest }) => !manifest.private)
    .sort((a, b) => (a.manifest.name < b.manifest.name ? -1 : 1))
