import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WeftClient } from '@weft/client'
import { tinyModel } from './tiny-model.ts'
import { freePort, startWeft, type WeftProcess } from './weft-process.ts'

/** `weft dev` on a tiny model in a folder of its own, and a client of its edge. */
export interface Served {
  weft: WeftProcess
  client: WeftClient
  /** The API key that it accepts. */
  key: string
  folder: string
  stop(): Promise<void>
}

export async function serveTinyModel(): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'weft-served-'))
  const weft = startWeft(await freePort(), ['--no-demo', '--model', tinyModel(join(folder, 'model')), '--state', join(folder, 'state')])
  await weft.event('runner')
  const key = weft.key()
  return {
    weft,
    folder,
    client: new WeftClient({ baseUrl: weft.url, apiKey: key }),
    key,
    async stop() {
      await weft.interrupt()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
