import { expecting } from '@weft/adapters'
import { askedHyperparametersSchema, createJobSchema, type FineTuningJobEvent, jobSchema } from '@weft/protocol'
import * as z from 'zod/mini'
import { inputText } from '../../input/input-file.ts'
import { uploads } from '../../uploads.ts'
import { mcpTool } from '../tool.ts'

const oneOf = 'expected either rows or a file'

export const train = mcpTool({
  name: 'train',
  title: 'Train an adapter',
  description:
    'Trains an adapter on rows ({"text"}, {"prompt", "completion"}, {"messages"}, {"text", "label"}, {"tokens", "labels"}, {"positive", "negative"} for the method "steering", or {"document"} for "cartridge") and publishes it under the name "suffix". "method" is {"type": "prefix-tuning", "prefix-tuning": {…}}; "list" says which there are. Give rows, or the path of a JSONL file on this machine. With "wait" the answer comes at the end of the training; otherwise ask "job".',
  input: z
    .extend(z.omit(createJobSchema, { trainingFile: true, validationFile: true, foreignFile: true, hyperparameters: true }), {
      // Without defaults: those are the method's and the deployment's, which the server knows.
      hyperparameters: z.optional(askedHyperparametersSchema),
      rows: z.optional(z.array(z.record(z.string(), z.unknown()), expecting('a list of rows, such as [{"text": "…"}]')).check(z.minLength(1))),
      file: z.optional(z.string().check(z.minLength(1))),
      wait: z._default(z.boolean(), false),
    })
    .check(z.refine(({ rows, file }) => (rows === undefined) !== (file === undefined), { path: ['rows'], error: oneOf })),
  answer: jobSchema,
  readOnly: false,
  async run({ rows, file, wait, ...job }, { weft, signal, progress }) {
    const content = file === undefined ? rows!.map((row) => JSON.stringify(row)).join('\n') : inputText(file, 'a JSONL file of training rows')
    const made = await uploads(weft, async (upload) => weft.jobs.create({ ...(job as { model: string }), trainingFile: await upload({ content }) }))
    return wait ? weft.jobs.wait(made.id, { signal, onEvent: (event) => tell(event, progress) }) : made
  },
})

export const job = mcpTool({
  name: 'job',
  title: 'Follow a training',
  description: 'A training job: its status, step, losses, error, and the adapter that it made. With "cancel" it is stopped.',
  input: z.strictObject({ id: z.string().check(z.minLength(1)), cancel: z._default(z.boolean(), false) }),
  answer: jobSchema,
  readOnly: false,
  run: ({ id, cancel }, { weft }) => (cancel ? weft.jobs.cancel(id) : weft.jobs.get(id)),
})

function tell({ data, message }: FineTuningJobEvent, progress: (done: number, total: number, message?: string) => void): void {
  const { step, totalSteps } = (data ?? {}) as { step?: unknown; totalSteps?: unknown }
  if (typeof step === 'number' && typeof totalSteps === 'number') progress(step, totalSteps, message)
}
