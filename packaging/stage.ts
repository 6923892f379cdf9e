import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { packingFailed, withoutReadme } from './errors.ts'
import { builtPath, publishedManifest, publishedPath } from './manifest.ts'
import { type PublishedPackage, root } from './published-packages.ts'
import type { Reached } from './reach.ts'
import { withBuiltExtensions } from './specifiers.ts'

/** Lays one package out as it is published: `dist` with its code and types, what its `files` name, README, changelog and license. */
export const stage = (each: PublishedPackage, reached: Reached, emitted: string, versions: ReadonlyMap<string, string>, to: string): void => {
  const { folder, manifest } = each
  const { name, files = [], bin = {} } = manifest
  const source = join(root, folder)
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(to, file)), { recursive: true })
    writeFileSync(join(to, file), text)
  }
  write('package.json', `${JSON.stringify(publishedManifest(each, reached, versions), null, 2)}\n`)
  for (const module of reached.modules)
    for (const extension of ['.js', '.d.ts'])
      write(builtPath(`${module}.ts`, extension), withBuiltExtensions(readFileSync(join(emitted, folder, module + extension), 'utf8')))
  // A program that npm links is plain JavaScript, and imports the sources; what is published imports what was built of them.
  for (const file of Object.values(bin)) {
    const text = readFileSync(join(source, file), 'utf8')
    write(file, text.replaceAll(/(['"])(\.\.\/)src\/([\w./-]+)\.ts\1/g, '$1$2dist/$3.js$1'))
  }
  for (const file of [...files, ...reached.data]) {
    if (!existsSync(join(source, file))) throw packingFailed(`${name} publishes ${folder}/${file} ("files" of its package.json), which is not there`)
    cpSync(join(source, file), join(to, publishedPath(file)), { recursive: true })
  }
  if (!existsSync(join(source, 'README.md'))) throw withoutReadme(name, folder)
  for (const file of ['README.md', 'CHANGELOG.md']) if (existsSync(join(source, file))) cpSync(join(source, file), join(to, file))
  cpSync(join(root, 'LICENSE'), join(to, 'LICENSE'))
}
