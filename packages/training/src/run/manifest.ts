import type { AdapterManifest, ManifestInput, Verdict } from '@weft/adapters'
import type { LoadedModel } from '@weft/model'
import type { TrainingSpec } from '@weft/protocol'
import type { TrainingProgram } from '../graph/graph.ts'
import type { LoopState } from './loop.ts'
import type { Plan } from './plan.ts'

/** What an adapter was made of. */
export const lineageOf = (spec: TrainingSpec): AdapterManifest['lineage'] => ({
  ...(spec.required.length > 0 && { required: spec.required }),
  ...(spec.data && { data: spec.data }),
  ...(spec.validation && { validation: spec.validation }),
  ...(spec.reference && { reference: spec.reference }),
  ...(spec.settles !== undefined && { settles: spec.settles }),
  ...(spec.silentOn && { silentOn: spec.silentOn }),
  ...(spec.on !== undefined && { on: spec.on }),
  ...(spec.from !== undefined && { from: spec.from }),
  ...(spec.partners && { partners: spec.partners }),
  ...(spec.locality && { locality: spec.locality }),
})

/** What the adapter file says of itself after training. */
export const manifestOf = (
  spec: TrainingSpec,
  {
    labels,
    program: { labelTasks, plugin, config },
    plan: { stepsBefore },
  }: { labels: readonly string[]; program: Pick<TrainingProgram, 'labelTasks' | 'plugin' | 'config'>; plan: Pick<Plan, 'stepsBefore'> },
  model: LoadedModel,
  end: LoopState,
  { metrics, level, verdict }: { metrics: Record<string, number>; level: number | undefined; verdict: Verdict },
): ManifestInput => ({
  method: spec.method,
  // In tokens where it was said in text: they are what was trained.
  config: plugin.tokenized ? (config as ManifestInput['config']) : spec.config,
  base: { name: model.name, fingerprint: model.fingerprint, architecture: model.spec.architecture },
  task: spec.task,
  ...(labels.length > 0 && { labels: [...labels] }),
  ...(labelTasks && { labelTasks: [...labelTasks] }),
  ...(spec.task === 'SEQ_CLS' && spec.pooling && { pooling: spec.pooling }),
  lineage: lineageOf(spec),
  training: {
    steps: end.step,
    ...(stepsBefore > 0 && { stepsBefore }),
    loss: end.lastLoss,
    ...(end.best && { evalLoss: end.bestEvalLoss }),
    seed: spec.seed,
    hyperparameters: spec.hyperparameters,
    ...(Object.keys(metrics).length > 0 && { metrics }),
    ...(Number.isFinite(level) && { level }),
    verdict,
  },
})
