import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { migrationsFailed } from '../errors.ts'
import { quietWrangler } from './edge-command.ts'
import { migrations, root, wrangler } from './project.ts'

/** Brings the local database up to date. Asks wrangler only when the migrations differ from those applied last. */
export const migrate = async (state: string): Promise<void> => {
  const hash = createHash('sha256')
  for (const file of readdirSync(migrations).sort()) hash.update(file).update(readFileSync(join(migrations, file)))
  const digest = hash.digest('hex')
  const applied = join(state, 'edge', 'migrations.sha256')
  if (existsSync(applied) && readFileSync(applied, 'utf8') === digest) return
  const args = [wrangler, 'd1', 'migrations', 'apply', 'DB', '--local', '--persist-to', join(state, 'edge')]
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...quietWrangler, CI: '1', WRANGLER_LOG_PATH: join(state, 'logs', 'wrangler') },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (code !== 0) throw migrationsFailed(output)
  writeFileSync(applied, digest)
}
