import { isFinal } from '@weft/protocol'
import { adapterId } from '../../adapters/adapter-object.ts'
import { publishAdapter } from '../../adapters/publish.ts'
import { keepProbes } from '../../probes/keep-probes.ts'
import type { AdapterVersion } from '../../stores/adapter-names.ts'
import type { SupervisedJob, Supervision } from '../supervision.ts'
import { versionsBetween } from '../versions-between.ts'
import { finish } from './finish.ts'
import { storeStepMetrics } from './step-metrics.ts'

/** A host's alarm may take a quarter of an hour. */
const longestGateMs = 600_000

/** Publishes what a job came to, and ends the job. Harmless when it is repeated, and after a cancellation, which takes it back. */
export async function publishResult(supervision: Supervision, supervised: SupervisedJob, bytes: Uint8Array): Promise<number | null> {
  const { job } = supervised.state.record
  const models = await supervision.catalog.list()
  if (isFinal(job.status)) return 0
  return succeed(supervision, supervised, await publishAdapter(supervision, { name: job.suffix, bytes, models, jobId: job.id }))
}

/** Ends a job whose result is published, once that is measured. */
export async function succeed(supervision: Supervision, supervised: SupervisedJob, adapter: AdapterVersion): Promise<number | null> {
  const { job } = supervised.state.record
  const published = await measured(supervision, supervised, adapter)
  if (isFinal(job.status)) return 0 // settling takes it back
  job.fineTunedModel = adapterId(published)
  job.resultFiles = [await storeStepMetrics(supervision, supervised)]
  if (isFinal(job.status)) return 0
  // Its numbers are those of what was published, which may not be the last that were heard.
  const { training } = published.manifest
  if (training) {
    const { steps, loss, evalLoss = null, verdict } = training
    Object.assign(job, { step: steps, loss, evalLoss, ...(verdict && { verdict }) })
  }
  await finish(supervision, supervised, 'succeeded')
  return null
}

/** With its probes, and through its publish gate, which waits for a runner as everything here does. */
async function measured(supervision: Supervision, { state, log }: SupervisedJob, published: AdapterVersion): Promise<AdapterVersion> {
  const { job } = state.record
  await keepProbes(supervision, job, published)
  const caller = { signal: AbortSignal.timeout(longestGateMs), until: Date.now() + longestGateMs, requestId: job.id }
  const between = versionsBetween(job, published.version)
  if (between.length > 0)
    log({ level: 'warn', type: 'message', message: `${adapterId(published)} goes on from ${job.from}, and has nothing of ${between.join(', ')}.` })
  const settled = await supervision.gate.run(supervision, published, caller, { waits: true })
  if (settled.candidate)
    log({
      level: 'warn',
      type: 'message',
      message: `${adapterId(settled)} has not passed its publish gate: it is a candidate, and "${job.suffix}" ${(await supervision.names.find(job.suffix)) ? 'stays what it was' : 'stands for no version yet'}.`,
    })
  return settled
}
