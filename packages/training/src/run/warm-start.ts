import { isFloat, type LoadedAdapter } from '@weft/adapters'
import { checkWarmStart, restoreParams } from '@weft/methods'
import { cannotWarmStart } from '../errors.ts'
import { parameterSlots, type TrainingProgram } from '../graph/graph.ts'

/** The parameters of a published adapter, for a warm start. @throws WeftError `cannot_warm_start` for another method or config; TrainingError `cannot_warm_start` for another length or head */
export const warmStartValues = (
  reference: string,
  adapter: LoadedAdapter,
  program: TrainingProgram,
  required: readonly LoadedAdapter[],
): Record<string, Float32Array> => {
  const { plugin, config, model } = program
  checkWarmStart(plugin, config, { reference, manifest: adapter.manifest })
  const held: Record<string, { data: Float32Array } | undefined> = {
    ...restoreParams(plugin, adapter, { config, model: model.spec, required }),
    ...Object.fromEntries(Object.entries(adapter.state.head ?? {}).flatMap(([name, tensor]) => (isFloat(tensor) ? [[`head.${name}`, tensor]] : []))),
  }
  return Object.fromEntries(
    parameterSlots(program)
      .filter(({ trainable }) => trainable)
      .map(({ name, shape }) => {
        const size = shape.reduce((product, n) => product * n, 1)
        const values = held[name]?.data
        if (values?.length !== size)
          throw cannotWarmStart(reference, `its ${name} has ${values?.length ?? 'no'} elements where this job has ${size} [${shape.join(', ')}]`)
        return [name, values]
      }),
  )
}
