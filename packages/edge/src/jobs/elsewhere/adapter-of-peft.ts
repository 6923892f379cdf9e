import { type Verdict, writeAdapter } from '@weft/adapters'
import { importPeft, type PluginRegistry } from '@weft/methods'
import type { HeldModel, TrainerResult, TrainerWork } from '@weft/protocol'
import { trainerResultWrong } from '../../executors/errors.ts'
import type { JobRecord } from '../../stores/jobs.ts'
import { metricsOfTrainer, verdictOfTrainer } from './verdict.ts'
import { contextTakenOf } from './work.ts'

interface Trained {
  config: Uint8Array
  weights: Uint8Array
  result: TrainerResult
  work: TrainerWork
}

/** PEFT's files as an adapter file, read as any that is imported, with the lineage and the numbers that a job's result has, and its verdict. Errors: those of `importPeft`, and 422 `trainer_result_invalid`. */
export async function adapterOfPeft(
  { spec }: JobRecord,
  { config, weights, result, work }: Trained,
  { plugins, model }: { plugins: PluginRegistry; model: HeldModel },
): Promise<{ bytes: Uint8Array<ArrayBuffer>; verdict: Verdict }> {
  const { labels = [] } = spec
  const { plugin, manifest, state, params } = await importPeft({ config, weights }, plugins, {
    model: model.spec,
    base: { name: model.name, fingerprint: model.fingerprint },
    ...(labels.length > 0 && { labels }),
  })
  if (plugin.id !== spec.method || manifest.task !== spec.task)
    throw trainerResultWrong(`it is ${plugin.id} for ${manifest.task}, and the job is ${spec.method} for ${spec.task}`)
  const { steps, loss, evalLoss, level } = result
  const metrics = metricsOfTrainer(result, labels)
  const verdict = verdictOfTrainer(result, {
    labels,
    maxLength: work.maxLength,
    contextTaken: contextTakenOf(work),
    setAside: work.heldOut && !work.validationFile,
  })
  const bytes = await writeAdapter(
    {
      ...manifest,
      // What was asked for: PEFT writes down no more than it needs to load the tensors.
      config: { ...(manifest.config as Record<string, unknown>), ...spec.config },
      lineage: { ...(spec.data && { data: spec.data }), ...(spec.validation && { validation: spec.validation }) },
      training: {
        steps,
        loss,
        ...(evalLoss !== undefined && { evalLoss }),
        seed: spec.seed,
        hyperparameters: spec.hyperparameters,
        ...(Object.keys(metrics).length > 0 && { metrics }),
        ...(level !== undefined && { level }),
        verdict,
      },
    },
    state,
    params,
  )
  return { bytes, verdict }
}
