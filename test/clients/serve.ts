import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WeftClient } from '@weft/client'
import type { HyperparametersInput } from '@weft/methods'
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
  const apiKey = served.key()
  const trained = await trainForClients(new WeftClient({ baseUrl: served.url, apiKey }))
  return {
    url: served.url,
    weft: { baseURL: `${served.url}/v1`, apiKey, model: 'base', encoder: 'encoder', ...trained },
    async stop() {
      await served.interrupt()
      rmSync(state, { recursive: true, force: true })
    },
  }
}

/** What documents name, of a few steps each: enough that answers change, and that labels can be told apart. */
async function trainForClients(weft: WeftClient): Promise<Pick<Weft, 'style' | 'classifier'>> {
  const lines = (rows: object[]): string => rows.map((row) => JSON.stringify(row)).join('\n')
  const train = async (suffix: string, rows: object[], type: string, config: object, hyperparameters: HyperparametersInput): Promise<string> => {
    const { id } = await weft.files.upload({ content: lines(rows) })
    const job = await weft.jobs.create({ model: 'base', trainingFile: id, suffix, method: { type, [type]: config }, seed: 1, hyperparameters })
    const { error } = await weft.jobs.wait(job.id)
    if (error) throw new Error(`${suffix} was not trained: ${error.message}`)
    return suffix
  }
  const sea = Array.from({ length: 8 }, (_, i) => ({ text: `The whale number ${i} swims in the sea.` }))
  const mails = Array.from({ length: 24 }, (_, i) => (i % 2 ? { text: `You have won ${i} prizes!`, label: 'spam' } : { text: `Lunch at ${i}?`, label: 'ham' }))
  const style = await train('style/speech', sea, 'prefix-tuning', { numVirtualTokens: 4 }, { maxSteps: 2, batchSize: 4 })
  await weft.adapters.publish('style/whale', await weft.adapters.download(style))
  await weft.routes.put('orator', { composition: 'base + style/speech' })
  return { style, classifier: await train('mail/spam', mails, 'linear-probe', {}, { maxSteps: 30, batchSize: 8, learningRate: 0.05 }) }
}
