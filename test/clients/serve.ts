import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, root, startWeft } from '../e2e/weft-process.ts'
import { writeTinyBert } from '../models/tiny-bert.ts'
import type { Weft } from './javascript/program.ts'

/** Where clients that are no part of the project are installed, and what they are served besides. */
export const clientsFolder = join(root, '.weft', 'clients')

/** A real Weft with the bundled model and a small encoder, on a free port and in a state folder of its own. */
export async function serveForClients(): Promise<{ weft: Weft; url: string; stop: () => Promise<void> }> {
  mkdirSync(clientsFolder, { recursive: true })
  const encoder = writeTinyBert()
  cpSync(encoder, join(clientsFolder, 'encoder'), { recursive: true })
  rmSync(encoder, { recursive: true })
  const state = mkdtempSync(join(tmpdir(), 'weft-clients-'))
  const served = startWeft(await freePort(), ['--no-demo', '--config', join(import.meta.dirname, 'weft.config.ts'), '--state', state])
  await served.event('runner')
  return {
    url: served.url,
    weft: { baseURL: `${served.url}/v1`, apiKey: served.key(), model: 'base', encoder: 'encoder' },
    async stop() {
      await served.interrupt()
      rmSync(state, { recursive: true, force: true })
    },
  }
}
