import { type LoadedAdapter, readAdapter } from '@weft/adapters'
import { AttentionInputs, type LoadedModel } from '@weft/model'
import type { Runtime, Weights } from '@weft/ort'
import { adapterFile, GraphEngine, initialValues, type TokenRow, type TrainingProgram } from '@weft/training'

const labels = ['0', '1']

/** What training would store after no step at all: as many bytes as after any. */
export const freshAdapter = async (
  program: TrainingProgram,
  {
    model,
    runtime,
    weights,
    required,
    rows,
  }: { model: LoadedModel; runtime: Runtime; weights: Weights; required: readonly LoadedAdapter[]; rows: readonly TokenRow[] },
): Promise<{ adapter: LoadedAdapter; bytes: number }> => {
  const { plugin, config, task } = program
  const attention = new AttentionInputs(model)
  const values = await initialValues(program, { model, runtime, session: { weights }, attention, labels, required, rows, seed: 0 })
  using engine = new GraphEngine({ program, runtime, weights, attention, values })
  const { bytes } = await adapterFile(
    engine,
    plugin,
    {
      method: plugin.id,
      config: config as Record<string, unknown>,
      task,
      ...(program.numLabels > 0 && { labels }),
      base: { name: model.name, fingerprint: model.fingerprint, architecture: model.spec.architecture },
      lineage: required.length > 0 ? { required: required.map(({ digest }) => ({ ref: 'bench/trunk', digest })) } : {},
    },
    { config, model: model.spec, required },
  )
  return { adapter: await readAdapter(bytes, { model: model.spec }), bytes: bytes.byteLength }
}
