import type { FineTuningJobEvent } from '@weft/protocol'
import { secondOfFile } from '../../identifiers.ts'
import type { SupervisedJob, Supervision } from '../supervision.ts'

const columns = ['step', 'train_loss', 'valid_loss', 'learning_rate', 'gradient_norm'] as const
type Row = Partial<Record<(typeof columns)[number], number>>

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)

/** The losses that a job's events tell, a line for each step. A step that was taken twice, after a stop, has the numbers of the second time. */
async function stepMetrics(events: AsyncIterable<FineTuningJobEvent>): Promise<{ csv: string; rows: number }> {
  const steps = new Map<number, Row>()
  for await (const { data } of events) {
    const step = numberOf(data?.step)
    if (!data || step === undefined) continue
    const measured: Row =
      data.type === 'step' || 'loss' in data
        ? { train_loss: numberOf(data.loss), learning_rate: numberOf(data.learningRate), gradient_norm: numberOf(data.gradientNorm) }
        : { valid_loss: numberOf(data.evalLoss) }
    // Its own evaluation comes after a step: an older one belongs to the step before.
    steps.set(step, { ...(measured.train_loss === undefined ? steps.get(step) : {}), step, ...measured })
  }
  const rows = [...steps.values()].sort((a, b) => a.step! - b.step!)
  return { csv: [columns.join(','), ...rows.map((row) => columns.map((column) => row[column] ?? '').join(','))].join('\n').concat('\n'), rows: rows.length }
}

/** Stores them as the job's result file, as OpenAI's; the file of a step that is repeated takes the first one's place. Gives its id. */
export async function storeStepMetrics({ files, now }: Supervision, { state, metrics, save }: SupervisedJob): Promise<string> {
  const { job } = state.record
  if (state.resultFile === undefined) {
    state.resultFile = await files.newId(now())
    await save()
  }
  const { csv, rows } = await stepMetrics(metrics())
  const content = new Blob([csv])
  const stored = await files.write(state.resultFile, content.stream(), content.size)
  await files.put({
    id: state.resultFile,
    object: 'file',
    createdAt: secondOfFile(state.resultFile) ?? now(),
    filename: `${job.id}_step_metrics.csv`,
    purpose: 'fine-tune-results',
    rows,
    ...stored,
  })
  return state.resultFile
}
