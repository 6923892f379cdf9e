/**
 * A runner killed with -9 at random moments: every job must end `succeeded`, with the loss of an undisturbed run.
 *
 * Usage: npx node test/acceptance/kill-runner.ts [--runs 20] [--steps 40] [--model DIR] [--json]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Random } from '@weft/adapters'
import { type FineTuningJob, isFinal } from '@weft/protocol'
import { scriptOptions } from './script-options.ts'
import { ServedWeft } from './served-weft.ts'

export interface KillReport {
  runs: number
  succeeded: number
  kills: number
  /** Loss of the undisturbed run. */
  loss: number
  /** Largest distance of any disturbed run's final loss from it. */
  maxLossDifference: number
  /** Whether every run's adapter has the same bytes as the undisturbed one. */
  sameBytes: boolean
}

const sentences = [
  'The fleet sailed at dawn and the harbour lay empty behind it.',
  'A fair wind carried them past the cape before noon.',
  'Congress will be asked to consider the estimates of the coming year.',
  'The mate counted the casks twice and wrote the number down.',
]

/** Trains the same adapter again and again while the runner dies; `seed` decides the moments. */
export const killRuns = async ({
  runs,
  steps,
  model,
  seed = 7,
}: {
  runs: number
  steps: number
  model?: string | undefined
  seed?: number
}): Promise<KillReport> => {
  const state = mkdtempSync(join(tmpdir(), 'weft-kill-'))
  const random = new Random(seed)
  try {
    await using weft = await ServedWeft.start(state, model ? ['--model', model] : [])
    const rows = Array.from({ length: 24 }, (_, i) => JSON.stringify({ text: `${sentences[i % 4]} ${sentences[(i + 1) % 4]} ${i}` })).join('\n')
    const file = await weft.client.files.upload({ content: rows })
    const train = (suffix: string): Promise<FineTuningJob> =>
      weft.client.jobs.create({
        model: 'base',
        trainingFile: file.id,
        suffix,
        seed: 3,
        method: { type: 'prefix-tuning', 'prefix-tuning': { numVirtualTokens: 4 } },
        hyperparameters: { maxSteps: steps, batchSize: 4, checkpointEvery: 5, evalEvery: 10, maxLength: 64 },
      })
    const finish = async (id: string): Promise<{ job: FineTuningJob; loss: number }> => {
      const job = await weft.client.jobs.wait(id)
      return { job, loss: Number((await lossOf(weft, job)) ?? Number.NaN) }
    }

    const started = performance.now()
    const calm = await finish((await train('calm/run')).id)
    if (calm.job.status !== 'succeeded') throw new Error(`the undisturbed run ended ${calm.job.status}: ${JSON.stringify(calm.job.error)}`)
    const calmMs = performance.now() - started
    const calmDigest = (await weft.client.adapters.get(calm.job.fineTunedModel!)).digest

    const report: KillReport = { runs, succeeded: 0, kills: 0, loss: calm.loss, maxLossDifference: 0, sameBytes: true }
    for (let run = 0; run < runs; run++) {
      const { id } = await train(`disturbed/run-${run}`)
      // Two kills a run, anywhere from submission to a little after an undisturbed run would have ended.
      for (let kill = 0; kill < 2; kill++) {
        await sleep(random.uniform() * calmMs)
        if (isFinal((await weft.client.jobs.get(id)).status)) break
        if (weft.killRunner()) report.kills++
      }
      const { job, loss } = await finish(id)
      if (job.status === 'succeeded') {
        report.succeeded++
        report.maxLossDifference = Math.max(report.maxLossDifference, Math.abs(loss - calm.loss))
        if ((await weft.client.adapters.get(job.fineTunedModel!)).digest !== calmDigest) report.sameBytes = false
      }
    }
    return report
  } finally {
    rmSync(state, { recursive: true, force: true })
  }
}

/** The final loss, from the manifest of what was published. */
const lossOf = async (weft: ServedWeft, job: FineTuningJob): Promise<number | undefined> =>
  job.fineTunedModel ? (await weft.client.adapters.get(job.fineTunedModel)).manifest?.training?.loss : undefined

if (import.meta.main) {
  const values = scriptOptions({
    runs: { type: 'string', default: '20' },
    steps: { type: 'string', default: '40' },
    model: { type: 'string' },
    json: { type: 'boolean' },
  })
  const report = await killRuns({ runs: Number(values.runs), steps: Number(values.steps), model: values.model })
  console.log(JSON.stringify(report, null, values.json ? 0 : 2))
  if (report.succeeded !== report.runs || !(report.maxLossDifference <= 1e-5)) process.exit(1)
}
