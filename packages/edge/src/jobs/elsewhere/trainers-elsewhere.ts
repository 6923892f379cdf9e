import type { PluginRegistry } from '@weft/methods'
import { type HeldModel, type TrainerAnswer, type TrainerReport, type TrainerResult, type TrainerWork, verdictEvents } from '@weft/protocol'
import { trainerNotKnown } from '../../executors/errors.ts'
import type { Executors } from '../../executors/executors.ts'
import type { ModelCatalog } from '../../resolve/model-catalog.ts'
import type { Inference } from '../../runner/inference.ts'
import type { JobRecord } from '../../stores/jobs.ts'
import { type AllJobs, defaultTenant, type OpenStores } from '../../stores/tenant-stores.ts'
import type { JobDispatcher } from '../job-dispatcher.ts'
import { adapterOfPeft } from './adapter-of-peft.ts'
import { checkBase } from './check-base.ts'
import { hasHeldOut, type RowsPart, rowsOf } from './rows.ts'
import type { SeenTrainer } from './see-trainer.ts'
import { workOf } from './work.ts'

interface Needs {
  jobs: Pick<AllJobs, 'get'>
  dispatcher: JobDispatcher
  open: OpenStores
  executors: Executors
  plugins: PluginRegistry
  catalog: ModelCatalog
  inference: Inference
}

/** Who shows a job's token, and of which job. */
interface Shown {
  id: string
  token: string
}

interface Delivery {
  config: Uint8Array
  weights: Uint8Array
  result: TrainerResult
}

/**
 * What the trainers of jobs that executors have started may ask, and bring: each of its own job alone, by that job's token. Errors 403 `trainer_not_known`
 * where the token is not that of the job's present trainer.
 */
export class TrainersElsewhere {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** Whether what somebody brings is to be read at all: anybody may send something here. */
  async admit(shown: Shown): Promise<void> {
    await this.#seen(shown)
  }

  async work(shown: Shown): Promise<TrainerWork> {
    const record = await this.#recordOf(shown)
    return this.#workOf(record, await this.#modelOf(record))
  }

  async rows(shown: Shown, part: RowsPart): Promise<ReadableStream<Uint8Array>> {
    const record = await this.#recordOf(shown)
    return rowsOf(record, this.#storesOf(record).files, part)
  }

  async report({ id, token }: Shown, report: TrainerReport): Promise<TrainerAnswer> {
    const answer = await this.#needs.dispatcher.report(id, token, report)
    if (!answer) throw trainerNotKnown(id)
    return answer
  }

  /** Takes in PEFT's files, and keeps the adapter that they are until the job publishes it. Errors: those of importing; 422 `base_differs`, `trainer_result_invalid`. */
  async deliver(shown: Shown, { result, ...files }: Delivery): Promise<TrainerAnswer> {
    const { inference, plugins, dispatcher } = this.#needs
    const record = await this.#recordOf(shown)
    const { job } = record
    const model = await this.#modelOf(record)
    const isChecked = await checkBase(inference, model, result.check)
    const work = await this.#workOf(record, model)
    const { bytes, verdict } = await adapterOfPeft(record, { ...files, result, work }, { plugins, model })
    await this.#storesOf(record).checkpoints.put(job.id, result.steps, bytes)
    const { steps, loss, evalLoss, trainedTokens } = result
    const answer = await dispatcher.report(shown.id, shown.token, {
      step: steps,
      totalSteps: job.totalSteps ?? steps,
      loss,
      ...(evalLoss !== undefined && { evalLoss }),
      trainedTokens,
      events: [
        isChecked
          ? { level: 'info', type: 'message', message: "The trainer's base model is the runner's: both say the same of the same text." }
          : { level: 'warn', type: 'message', message: "Whether the trainer's base model is the runner's could not be compared; its sizes are." },
        ...verdictEvents(verdict),
      ],
      result: steps,
    })
    if (!answer) throw trainerNotKnown(shown.id)
    return answer
  }

  async #recordOf(shown: Shown): Promise<JobRecord> {
    const { record, stop } = await this.#seen(shown)
    if (stop) throw trainerNotKnown(shown.id)
    return record
  }

  async #seen({ id, token }: Shown): Promise<SeenTrainer> {
    // A host keeps something for every job that it is asked for: for what is none, it is not.
    const seen = (await this.#needs.jobs.get(id)) && (await this.#needs.dispatcher.trainer(id, token))
    if (!seen) throw trainerNotKnown(id)
    return seen
  }

  #storesOf({ tenant = defaultTenant }: JobRecord) {
    return this.#needs.open(tenant)
  }

  #modelOf({ spec }: JobRecord): Promise<HeldModel> {
    return this.#needs.catalog.find(spec.model.name)
  }

  async #workOf(record: JobRecord, model: HeldModel): Promise<TrainerWork> {
    const { plugins, executors } = this.#needs
    const heldOut = await hasHeldOut(record, this.#storesOf(record).files)
    return workOf(record, { plugins, executors, model, heldOut })
  }
}

export const trainersElsewhere = (needs: Needs): TrainersElsewhere => new TrainersElsewhere(needs)
