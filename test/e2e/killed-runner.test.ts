import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { WeftClient } from '@weft/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tinyModel } from './tiny-model.ts'
import { freePort, runnerOf, startWeft, until, type WeftProcess } from './weft-process.ts'

/** Disturbed runs to compare with the undisturbed one; `WEFT_KILLED_RUNS=20` for the full measure. */
const runs = Number(process.env.WEFT_KILLED_RUNS ?? 2)

const folder = mkdtempSync(join(tmpdir(), 'weft-killed-'))
let weft: WeftProcess
let client: WeftClient
let trainingFile: string

beforeAll(async () => {
  weft = startWeft(await freePort(), ['--no-demo', '--model', tinyModel(join(folder, 'model')), '--state', join(folder, 'state')])
  await weft.event('runner')
  client = new WeftClient({ baseUrl: weft.url, apiKey: weft.key() })
  const rows = Array.from({ length: 64 }, (_, i) => JSON.stringify({ text: `Row ${i}: ${'the whale and the sea '.repeat(4 + (i % 5))}` }))
  trainingFile = (await client.files.upload({ content: rows.join('\n') })).id
})
afterAll(async () => {
  await weft.interrupt()
  rmSync(folder, { recursive: true, force: true })
})

const steps = 500

const start = (name: string) =>
  client.jobs.create({
    model: 'base',
    trainingFile,
    suffix: name,
    method: { type: 'prefix-tuning', 'prefix-tuning': { numVirtualTokens: 4 } },
    seed: 5,
    hyperparameters: { maxSteps: steps, batchSize: 8, learningRate: 0.01, checkpointEvery: 20, patience: 0 },
  })

/** Kills the runner once the job has passed a random step. */
const killDuring = async (id: string): Promise<number> => {
  const moment = Math.floor((Math.random() * steps) / 2)
  const reached = await until(async () => {
    const { step = 0, status } = await client.jobs.get(id)
    return step > moment || status === 'succeeded' ? step : undefined
  }, 120)
  await sleep(Math.random() * 200)
  const runner = await until(() => runnerOf(weft))
  process.kill(runner, 'SIGKILL')
  return reached
}

test(`${runs} training runs whose runner is killed end as one that is left alone`, { timeout: 120_000 + runs * 120_000 }, async () => {
  const undisturbed = await client.jobs.wait((await start('kill/none')).id)
  expect(undisturbed).toMatchObject({ status: 'succeeded', step: steps })
  const reference = await client.adapters.get('kill/none')
  for (let run = 0; run < runs; run++) {
    const job = await start(`kill/run${run}`)
    const killedAt = [await killDuring(job.id), ...(run % 2 ? [await killDuring(job.id)] : [])]
    let given = 0
    const ended = await client.jobs.wait(job.id, {
      onEvent: ({ message }) => {
        if (message.startsWith('Given to the runner')) given += 1
      },
    })
    expect(ended, `killed after steps ${killedAt.join(', ')}: ${ended.error?.message}`).toMatchObject({ status: 'succeeded', step: steps })
    expect(given, 'the runner was killed while it trained').toBeGreaterThan(1)
    expect(Math.abs(ended.loss! - undisturbed.loss!), `killed after steps ${killedAt.join(', ')}`).toBeLessThan(1e-5)
    // Same seed, same files, same bytes: not only the loss is the same.
    expect((await client.adapters.get(`kill/run${run}`)).digest).toBe(reference.digest)
  }
})
