import { relative } from 'node:path'
import { parseArgs } from 'node:util'
import { createProject } from './create-project.ts'
import { CreateError, folderMissing, oneFolderAlone } from './errors.ts'

const USAGE = `Usage: npm create weft@latest DIR
  --packages DIR   take Weft's packages from tarballs in DIR (a repository's "npm run pack:all")
  --no-install     do not run "npm install"`

const parse = (argv: readonly string[]) =>
  parseArgs({
    args: [...argv],
    allowPositionals: true,
    allowNegative: true,
    options: { packages: { type: 'string' }, install: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  })

/** As a shell reads it as one word. */
const quotedForShell = (path: string): string => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`)

/** Runs one command line. Exit codes: 0 done, 1 failed, 2 asked wrongly. */
export const main = async (argv: readonly string[]): Promise<void> => {
  try {
    const { values, positionals } = parse(argv)
    if (values.help) return console.log(USAGE)
    const [folder, ...others] = positionals
    if (folder === undefined) throw folderMissing()
    if (others.length > 0) throw oneFolderAlone(positionals)
    const made = createProject(folder, values)
    console.log(
      `\nMade ${made}. Next:\n  cd ${quotedForShell(relative(process.cwd(), made) || '.')}${values.install === false ? '\n  npm install' : ''}\n  npx weft dev`,
    )
  } catch (error) {
    const { code = '', message } = error as CreateError
    process.exitCode = code === 'usage' || code.startsWith('ERR_PARSE_ARGS') ? 2 : 1
    console.error(`create-weft: ${message}`)
    if (!(error instanceof CreateError) && process.exitCode === 1) throw error
  }
}
