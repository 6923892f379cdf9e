import { isFloat, type LoadedAdapter } from '@weft/adapters'
import { elementCount } from '@weft/graph'
import { checkWarmStart, checkWarmStartHead, restoreParams } from '@weft/methods'
import { cannotWarmStart, missingRequired } from '../errors.ts'
import { parameterSlots, type TrainingProgram } from '../graph/graph.ts'
import type { AdapterRegistry } from '../regularize/expression.ts'

/** What a run starts with. */
export interface WarmStart {
  values: Record<string, Float32Array>
  /** Steps of the rows' order that were taken by the run that it starts from, and by those that that one started from. */
  steps: number
}

/**
 * The parameters of the adapter that a job starts `from`; none where it starts from nothing.
 * @param labels of the job's rows, in the order of the head's
 * @throws WeftError `cannot_warm_start` for another method, config, task or head; TrainingError `cannot_warm_start` for another length, `missing_required`
 */
export const warmStartOf = (
  reference: string | undefined,
  registry: AdapterRegistry,
  program: TrainingProgram,
  { required, labels }: { required: readonly LoadedAdapter[]; labels: readonly string[] },
): WarmStart => {
  if (reference === undefined) return { values: {}, steps: 0 }
  const adapter = registry.get(reference)
  if (!adapter) throw missingRequired(reference)
  const { plugin, config, model } = program
  checkWarmStart(plugin, config, { reference, manifest: adapter.manifest })
  checkWarmStartHead({ ...program, labels }, { reference, manifest: adapter.manifest })
  const held: Record<string, { data: Float32Array } | undefined> = {
    ...restoreParams(plugin, adapter, { config, model: model.spec, required }),
    ...Object.fromEntries(Object.entries(adapter.state.head ?? {}).flatMap(([name, tensor]) => (isFloat(tensor) ? [[`head.${name}`, tensor]] : []))),
  }
  const values = Object.fromEntries(
    parameterSlots(program)
      .filter(({ trainable }) => trainable)
      .map(({ name, shape }) => {
        const size = elementCount(shape)
        const values = held[name]?.data
        if (values?.length !== size)
          throw cannotWarmStart(reference, `its ${name} has ${values?.length ?? 'no'} elements where this job has ${size} [${shape.join(', ')}]`)
        return [name, values]
      }),
  )
  const { steps = 0, stepsBefore = 0 } = adapter.manifest.training ?? {}
  return { values, steps: stepsBefore + steps }
}
