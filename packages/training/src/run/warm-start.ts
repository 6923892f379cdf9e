import { type AdapterManifest, isFloat, type LoadedAdapter } from '@weft/adapters'
import { quoted } from '@weft/adapters/error-text'
import { elementCount } from '@weft/graph'
import { checkWarmStart, restoreParams } from '@weft/methods'
import { cannotWarmStart, missingRequired } from '../errors.ts'
import { parameterSlots, type TrainingProgram } from '../graph/graph.ts'
import { hasHead } from '../graph/head.ts'
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
 * @throws WeftError `cannot_warm_start` for another method or config; TrainingError `cannot_warm_start` for another length, task or head, `missing_required`
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
  checkHead(reference, adapter.manifest, program, labels)
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

/** A head of as many classes fits by its numbers alone, and would begin as what tells other classes apart, or reads elsewhere; one that the job has no place for would be lost. */
function checkHead(
  reference: string,
  { task, labels: theirs = [], pooling = 'peft' }: AdapterManifest,
  program: TrainingProgram,
  labels: readonly string[],
): void {
  if (hasHead(task) && task !== program.task) throw cannotWarmStart(reference, `it was trained for ${task}, this job is for ${program.task}`)
  if (!hasHead(program.task)) return
  if (theirs.join('\n') !== labels.join('\n')) throw cannotWarmStart(reference, `its labels are ${quoted(theirs)}, those of this job's rows ${quoted(labels)}`)
  if (pooling !== (program.pooling ?? 'peft')) throw cannotWarmStart(reference, `its pooling is "${pooling}", this job's "${program.pooling ?? 'peft'}"`)
}
