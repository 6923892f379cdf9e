import { globSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** A process of its own: prints, of the databases below a folder, those that are broken, as JSON of `[file, problem]`. */
const problemOf = (file: string): string | undefined => {
  try {
    const database = new DatabaseSync(file)
    try {
      const found = database.prepare('PRAGMA quick_check(1)').all() as { quick_check: string }[]
      const [problem] = found.map(({ quick_check }) => quick_check)
      return problem === 'ok' ? undefined : problem
    } finally {
      database.close()
    }
  } catch (error) {
    return (error as Error).message
  }
}

const [folder] = process.argv.slice(2)
const broken = globSync('**/*.sqlite', { cwd: folder }).flatMap((name) => {
  const file = join(folder, name)
  const problem = problemOf(file)
  return problem === undefined ? [] : [[file, problem]]
})
process.stdout.write(JSON.stringify(broken))
