import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packingFailed } from './errors.ts'
import { root } from './published-packages.ts'
import { run } from './run.ts'

/** The Worker has another platform's types, so it is compiled apart, as it is checked apart; its tests are read for those types. */
const programs = [
  {
    extends: 'tsconfig.json',
    // Of the console's, only what finds its built files: the page itself is Vite's to build.
    files: ['packages/console/files.ts'],
    include: ['packages', 'plugins', 'gpu-runner'],
    exclude: [
      'packages/edge',
      'packages/console',
      'packages/create-weft/template',
      '**/node_modules',
      '**/*.test.ts',
      '**/*.test.*.ts',
      '**/test',
      '**/vitest.config.ts',
    ],
  },
  { extends: 'packages/edge/tsconfig.json', files: [], include: ['packages/edge/src', 'packages/edge/test', 'packages/edge/node-host'], exclude: [] },
]

/**
 * JavaScript and type declarations of every package, in a tree like the repository's: one file of each for one of ours, so that
 * what a file finds by its own place (`import.meta.url`) is found in a published package too.
 */
export const emit = async (folder: string): Promise<void> => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const absolute = (path: string): string => join(root, path)
  for (const { extends: parent, files, include, exclude } of programs) {
    const project = join(folder, 'tsconfig.json')
    const compilerOptions = { noEmit: false, declaration: true, rewriteRelativeImportExtensions: true, rootDir: root, outDir: folder }
    writeFileSync(
      project,
      JSON.stringify({
        extends: absolute(parent),
        compilerOptions,
        files: files.map(absolute),
        include: include.map(absolute),
        exclude: exclude.map(absolute),
      }),
    )
    await run(process.execPath, [absolute('node_modules/typescript/bin/tsc'), '-p', project], root, (output) =>
      packingFailed(`the compiler found faults in ${parent}:\n${output}`),
    )
  }
}
