import type { LoadedAdapter } from '@weft/adapters'
import { type HyperparametersInput, hyperparametersSchema } from '@weft/methods'
import { type AnsweredProbe, type Settling, settledTraining, type TrainingSpec } from '@weft/protocol'
import type { TrainingFiles, TrainingHost } from '../run/job.ts'
import { type JointJob, runJointTraining } from './job.ts'

/** An adapter of a stack, its own rows, and what the others are to be silent on: what it is asked, and what it answers (`settledProbes`). */
export interface SettledOperand {
  name: string
  adapter: LoadedAdapter
  files: Pick<TrainingFiles, 'training' | 'validation'>
  probes: readonly AnsweredProbe[]
  hyperparameters?: HyperparametersInput
}

/**
 * The runs of a settlement: each adapter starts from itself, keeps its own task, and is silent on the others' probes.
 * @param operands two at least
 */
export const settlingJobs = (
  operands: readonly SettledOperand[],
  model: { name: string; fingerprint: string },
  settling: Pick<Settling, 'learningRate' | 'weight'> & { steps: number; seed: number },
): JointJob[] =>
  operands.map(({ name, adapter, files, hyperparameters }): JointJob => {
    const { method, config, task } = adapter.manifest
    const stack = operands.map((operand) => operand.name).join(' + ')
    const others = operands.filter((operand) => operand.name !== name)
    const { hyperparameters: asked, ...fields } = settledTraining(name, stack, settling, { hyperparameters, level: adapter.manifest.training?.level })
    const spec: TrainingSpec = {
      jobId: name,
      name,
      model: { name: model.name, fingerprint: model.fingerprint },
      method,
      config,
      task,
      seed: settling.seed,
      ...fields,
      hyperparameters: hyperparametersSchema.parse(asked),
      required: [{ ref: name, digest: adapter.digest }],
    }
    const probes = others.flatMap((other) => other.probes.map((probe) => `${JSON.stringify(probe)}\n`)).join('')
    return { spec, files: { ...files, required: [adapter], probes } }
  })

/** Settles a stack, all of its adapters in one batch; gives their files in the operands' order. @throws what the first run fails with */
export const settleStack = async (
  operands: readonly SettledOperand[],
  settling: Pick<Settling, 'learningRate' | 'weight'> & { steps: number; seed: number },
  host: Omit<TrainingHost, 'checkpoint' | 'signal' | 'onEvent' | 'onCheckpoint' | 'together'>,
): Promise<Uint8Array<ArrayBuffer>[]> => {
  const ended = await runJointTraining(settlingJobs(operands, host.model, settling), host)
  return ended.map((end) => {
    if (end.status === 'rejected') throw end.reason
    return end.value.adapter
  })
}
