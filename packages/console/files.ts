import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))

/**
 * The folder of the console's files, for a Worker's assets. In the repository they are built where the sources changed; a published package
 * carries them beside its code, and has no sources.
 * @param options `say` hears one line when something is built
 */
export async function consoleFiles(options: { say?: (line: string) => void } = {}): Promise<string> {
  if (!existsSync(join(here, 'src', 'main.tsx'))) return join(here, '..', 'built')
  // Named so that a published package, which builds nothing, does without the builder.
  const { buildConsole } = (await import(new URL('build.ts', import.meta.url).href)) as typeof import('./build.ts')
  return buildConsole(options)
}
