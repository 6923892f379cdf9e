import { createHash } from 'node:crypto'
import { existsSync, globSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { migrationsFailed } from '../errors.ts'
import { migrations } from '../launcher/project.ts'
import { runWrangler } from './wrangler.ts'

/** Brings the local database up to date. Asks wrangler only when the migrations differ from those applied last, or the database is gone. */
export const migrate = async (state: string, deployment: string): Promise<void> => {
  const hash = createHash('sha256')
  for (const file of readdirSync(migrations).sort()) hash.update(file).update(readFileSync(join(migrations, file)))
  const digest = hash.digest('hex')
  const applied = join(state, 'edge', 'migrations.sha256')
  const there = globSync('edge/v3/d1/*/*.sqlite', { cwd: state }).some((file) => !file.endsWith('metadata.sqlite'))
  if (there && existsSync(applied) && readFileSync(applied, 'utf8') === digest) return
  await runWrangler(['d1', 'migrations', 'apply', 'DB', '--local', '--config', deployment, '--persist-to', join(state, 'edge')], migrationsFailed)
  writeFileSync(applied, digest, { mode: 0o600 })
}
