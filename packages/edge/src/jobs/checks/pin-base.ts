import { errors } from '@weft/adapters'
import { usualHyperparameters } from '@weft/methods'
import { type HeldModel, taskOn } from '@weft/protocol'
import type { JobRecord } from '../../stores/jobs.ts'
import type { Supervision } from '../supervision.ts'

/**
 * The base model that a job is given away for. Its fingerprint is pinned the first time: a job never goes on over another model than the one it began with.
 * What nobody could know of a job that was made while no runner told of its base is settled then, too. Error `wrong_base_model`.
 */
export async function pinBase({ catalog, plugins }: Pick<Supervision, 'catalog' | 'plugins'>, record: JobRecord): Promise<HeldModel> {
  const { job, spec, timesUsual } = record
  const model = await catalog.find(spec.model.name, { fresh: true })
  if (spec.model.fingerprint && spec.model.fingerprint !== model.fingerprint) throw errors.wrongBase(spec.jobId, spec.model, model)
  spec.model = { name: model.name, fingerprint: model.fingerprint }
  spec.task = taskOn(spec.task, model.spec)
  if (timesUsual !== undefined) {
    const { learningRate } = usualHyperparameters(plugins.get(spec.method), model.spec)
    for (const each of [spec, job]) each.hyperparameters = { ...each.hyperparameters!, learningRate: timesUsual * learningRate! }
    delete record.timesUsual
  }
  return model
}
