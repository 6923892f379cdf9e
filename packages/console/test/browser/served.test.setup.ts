import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WeftClient } from '@weft/client'
import { freePort, startWeft } from '@weft/test/e2e/weft-process'
import type { TestProject } from 'vitest/node'
import { teach } from './taught.test.adapters.ts'

declare module 'vitest' {
  interface ProvidedContext {
    url: string
    /** An admin's key. */
    key: string
    /** A key that may ask, and may not see adapters. */
    askerKey: string
  }
}

const config = join(import.meta.dirname, 'served.test.config.ts')

/** `weft dev` with the bundled model, a state folder and a port of its own, and a few adapters trained in a few steps. */
export default async function serve(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'weft-console-'))
  const weft = startWeft(await freePort(), ['--no-demo', '--state', folder, '--config', config])
  const stop = async (): Promise<void> => {
    await weft.interrupt()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await weft.event('runner')
    const client = new WeftClient({ baseUrl: weft.url, apiKey: weft.key() })
    await teach(client)
    const asker = await client.keys.create({ role: 'caller', name: 'asker' })
    project.provide('url', weft.url)
    project.provide('key', weft.key())
    project.provide('askerKey', asker.secret)
    return stop
  } catch (error) {
    await stop()
    throw error
  }
}
