import { Command } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { inputRows } from '../../input/input-file.ts'
import { uploadName } from '../../input/upload-name.ts'
import { seedNumber, whole, wholeNumbers } from '../../numbers.ts'
import { outputOf } from '../../output/output.ts'
import { uploads } from '../../uploads.ts'
import { watchJob } from '../../watching/watch-job.ts'
import { noteOtherKind } from '../adapters/other-kind.ts'

/** Of a row. */
const form = '{"positive", "negative"}, with a {"prompt"} before both or none'

interface Options extends Connection {
  name: string
  model: string
  layers?: number[]
  normalize?: boolean
  validation?: string
  method: string
  batchSize?: number
  maxLength?: number
  seed: number
  detach?: boolean
}

export const steer = (): Command =>
  connected(new Command('steer'))
    .description('compute a steering vector from contrastive pairs, without training, and publish it')
    .argument('<pairs>', 'JSONL of {positive, negative}, with a {prompt} before both or none')
    .requiredOption('--name <name>', 'name to publish under: tone/formal')
    .option('--model <name>', 'base model', 'base')
    .option('--layers <n,...>', 'behind which layers, counted from 0: --layers 12,13 (default: one at two fifths of the depth)', wholeNumbers)
    .option('--normalize', "give each layer's vector the length 1; a strength is then a length")
    .option('--validation <file>', 'held-out pairs; without it a tenth is set aside')
    .option('--method <id>', 'steering, or a plugin of yours that is computed from pairs', 'steering')
    .option('--batch-size <n>', 'texts that are read at once', whole(1))
    .option('--max-length <n>', 'longest side of a pair in tokens, with its prompt', whole(1))
    .option('--seed <n>', 'which pairs are set aside', seedNumber, 0)
    .option('--detach', 'do not wait for the end')
    .addHelpText('after', '\nExample:\n  npx weft steer formal.jsonl --name tone/formal --layers 12\n  npx weft run "base + 2*tone/formal" "Dear"')
    .action(async (file: string, options: Options, command: Command) => {
      const weft = clientOf(options)
      const output = outputOf(options)
      const { layers, normalize, validation, method, batchSize, maxLength } = options
      const [training, heldOut] = [file, validation].map((path) =>
        path === undefined ? undefined : { content: inputRows(path, form), filename: uploadName(path), only: { kind: 'pair' as const, form } },
      )
      const job = await uploads(weft, async (upload) =>
        weft.jobs.create({
          model: options.model,
          trainingFile: await upload(training!),
          ...(heldOut ? { validationFile: await upload(heldOut) } : {}),
          suffix: options.name,
          seed: options.seed,
          method: { type: method, [method]: layers === undefined ? {} : { layers } },
          pairs: { normalize: normalize ?? false },
          hyperparameters: { ...(batchSize === undefined ? {} : { batchSize }), ...(maxLength === undefined ? {} : { maxLength }) },
        }),
      )
      output.note(`Job ${job.id} computes ${options.name} from pairs.`)
      await noteOtherKind(weft, job, output.note)
      if (options.detach) return output.result(job, () => `Follow it with: npx weft jobs watch ${job.id}`)
      await watchJob(weft, job, output, command)
    })
