import { basename } from 'node:path'
import { mostLearningRate } from '@weft/methods/hyperparameters'
import { Command } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { documentRows } from '../../input/document.ts'
import { refuseUnread } from '../../input/unread-options.ts'
import { uploadName } from '../../input/upload-name.ts'
import { above, seedNumber, whole } from '../../numbers.ts'
import { outputOf } from '../../output/output.ts'
import { uploads } from '../../uploads.ts'
import { watchJob } from '../../watching/watch-job.ts'
import { noteOtherKind } from '../adapters/other-kind.ts'

interface Options extends Connection {
  name: string
  tokens: number
  model: string
  partTokens?: number
  selfStudy?: number
  learningRate?: number
  seed: number
  method: string
  detach?: boolean
}

export const compress = (): Command =>
  connected(new Command('compress'))
    .description('compress a document into a short prefix, without training, and publish it')
    .argument('<document>', 'a text file, or JSONL of {document}')
    .requiredOption('--name <name>', 'name to publish under: texts/manual')
    .option('--tokens <n>', 'how many keys stand for the document, in every layer and head', whole(1), 256)
    .option('--model <name>', 'base model', 'base')
    .option('--part-tokens <n>', 'a longer document is read in parts of at most so many tokens (default: half the context, at most 2048)', whole(1))
    .option('--self-study <steps>', 'after it, so many steps of training to predict what is predicted with the whole document in context', whole(1))
    .option('--learning-rate <r>', 'peak learning rate of the self-study', above(0, mostLearningRate))
    .option('--seed <n>', 'order of the self-study', seedNumber, 0)
    .option('--method <id>', 'cartridge, or a plugin of yours that is computed from documents', 'cartridge')
    .option('--detach', 'do not wait for the end')
    .addHelpText(
      'after',
      '\nExample:\n  npx weft compress manual.txt --tokens 256 --name texts/manual\n  npx weft run "base + texts/manual" "How do I reset it?"',
    )
    .action(async (file: string, options: Options, command: Command) => {
      if (options.selfStudy === undefined) refuseUnread(command, ['learningRate', 'seed'], { without: '--self-study' })
      const weft = clientOf(options)
      const output = outputOf(options)
      const { method, tokens, partTokens, selfStudy, learningRate, seed } = options
      const document = { ...(partTokens !== undefined && { partTokens }), ...(selfStudy !== undefined && { selfStudy }) }
      const rows = documentRows(file)
      const job = await uploads(weft, async (upload) =>
        weft.jobs.create({
          model: options.model,
          trainingFile: await upload({ content: rows, filename: `${basename(uploadName(file), '.jsonl')}.jsonl` }),
          suffix: options.name,
          method: { type: method, [method]: { numVirtualTokens: tokens } },
          document,
          seed,
          ...(learningRate === undefined ? {} : { hyperparameters: { learningRate } }),
        }),
      )
      output.note(`Job ${job.id} compresses ${options.name}.`)
      await noteOtherKind(weft, job, output.note)
      if (options.detach) return output.result(job, () => `Follow it with: npx weft jobs watch ${job.id}`)
      await watchJob(weft, job, output, command)
    })
