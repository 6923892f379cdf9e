import { type AdapterManifest, adapterRefs, type LoadedAdapter, parse, print } from '@weft/adapters'
import { type HyperparametersInput, hyperparametersSchema, type Plugin, PluginRegistry, parseConfig } from '@weft/methods'
import { type AnsweredProbe, type Settling, settledTraining, type TrainingSpec } from '@weft/protocol'
import { missingRequired } from '../errors.ts'
import type { TrainingFiles, TrainingHost } from '../run/job.ts'
import { type JointJob, runJointTraining } from './job.ts'

/** An adapter of a stack, its own rows, and what the others are to be silent on: what it is asked, and what it answers (`settledProbes`). */
export interface SettledOperand {
  name: string
  adapter: LoadedAdapter
  files: Pick<TrainingFiles, 'training' | 'validation'>
  probes: readonly AnsweredProbe[]
  /** What it was trained over and what its method needs, of its lineage's `required`, in any order. */
  required?: readonly LoadedAdapter[]
  hyperparameters?: HyperparametersInput
}

/**
 * The runs of a settlement: each adapter starts from itself, over what it was trained over, keeps its own task, and is silent on the others' probes.
 * @param operands two at least
 * @throws TrainingError `missing_required` for what an operand was trained over and does not bring
 */
export const settlingJobs = (
  operands: readonly SettledOperand[],
  { model, plugins }: { model: { name: string; fingerprint: string }; plugins: Iterable<Plugin> },
  settling: Pick<Settling, 'learningRate' | 'weight'> & { steps: number; seed: number },
): JointJob[] => {
  const registry = new PluginRegistry(plugins)
  return operands.map(({ name, adapter, files, required = [], hyperparameters }): JointJob => {
    const { method, config, task, lineage } = adapter.manifest
    const stack = operands.map((operand) => operand.name).join(' + ')
    const others = operands.filter((operand) => operand.name !== name)
    const { hyperparameters: asked, ...fields } = settledTraining(name, stack, settling, { hyperparameters, level: adapter.manifest.training?.level })
    const beneath = requiredAgain(adapter.manifest, registry).map(({ ref, digest }) => {
      const found = required.find((other) => other.digest === digest)
      if (!found) throw missingRequired(ref)
      return { ref, digest, adapter: found }
    })
    const spec: TrainingSpec = {
      jobId: name,
      name,
      model: { name: model.name, fingerprint: model.fingerprint },
      method,
      config,
      task,
      seed: settling.seed,
      ...fields,
      ...(lineage.on === undefined ? {} : { on: lineage.on }),
      hyperparameters: hyperparametersSchema.parse(asked),
      required: [...beneath.map(({ ref, digest }) => ({ ref, digest })), { ref: name, digest: adapter.digest }],
    }
    const probes = others.flatMap((other) => other.probes.map((probe) => `${JSON.stringify(probe)}\n`)).join('')
    return { spec, files: { ...files, required: [...beneath.map((each) => each.adapter), adapter], probes } }
  })
}

/** Of all that an adapter's training needed, what its settling does: what its method reads, which comes first, and what lay beneath it. Whom it met then has no part. */
const requiredAgain = ({ method, config, lineage: { on, required = [] } }: AdapterManifest, registry: PluginRegistry): typeof required => {
  const plugin = registry.get(method)
  const needs = plugin.requires?.(parseConfig(plugin, config)).length ?? 0
  const under = on === undefined ? [] : adapterRefs(parse(on)).flatMap((ref) => [print(ref), ref.name])
  return required.filter(({ ref }, i) => i < needs || under.includes(ref))
}

/** Settles a stack, all of its adapters in one batch; gives their files in the operands' order. @throws what the first run fails with */
export const settleStack = async (
  operands: readonly SettledOperand[],
  settling: Pick<Settling, 'learningRate' | 'weight'> & { steps: number; seed: number },
  host: Omit<TrainingHost, 'checkpoint' | 'signal' | 'onEvent' | 'onCheckpoint' | 'together'>,
): Promise<Uint8Array<ArrayBuffer>[]> => {
  const ended = await runJointTraining(settlingJobs(operands, host, settling), host)
  return ended.map((end) => {
    if (end.status === 'rejected') throw end.reason
    return end.value.adapter
  })
}
