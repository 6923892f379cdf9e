import { type Pooling, poolings, snakeCase } from '@weft/adapters'
import type { CreateJobParameters, UploadParameters, WeftClient } from '@weft/client'
import { type HyperparametersInput, mostLearningRate } from '@weft/methods/hyperparameters'
import { rowForms } from '@weft/protocol'
import { Command, Option } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { optionUnreadBeside, saidTwice } from '../../errors.ts'
import { askedAs } from '../../functions/offered-functions.ts'
import { inputRows } from '../../input/input-file.ts'
import { eachOnce } from '../../input/names.ts'
import { refuseUnread } from '../../input/unread-options.ts'
import { uploadName } from '../../input/upload-name.ts'
import { above, orAuto, seedNumber, whole } from '../../numbers.ts'
import { outputOf } from '../../output/output.ts'
import { pair } from '../../pair.ts'
import { uploads } from '../../uploads.ts'
import type { AskedRows } from '../../verdict/verdict-text.ts'
import { watchJob } from '../../watching/watch-job.ts'
import { noteOtherKind } from '../adapters/other-kind.ts'

interface Options extends Connection {
  name: string
  method?: string
  model: string
  validation?: string
  pooling?: Pooling
  on?: string
  from?: string
  partner: string[]
  partners?: boolean
  locality?: true | number
  reference?: string
  probes: boolean
  set: Record<string, unknown>
  hyper: Record<string, unknown>
  steps?: number | 'auto'
  epochs?: number | 'auto'
  batchSize?: number | 'auto'
  learningRate?: number | 'auto'
  maxLength?: number | 'auto'
  joint?: string
  executor?: string
  seed: number
  detach?: boolean
}

export const train = (): Command =>
  connected(new Command('train'))
    .description('train an adapter on a JSONL file and publish it')
    .argument('<file>', 'JSONL of {text}, {prompt, completion}, {messages}, {text, label} or {tokens, labels}; of {positive, negative}: weft steer')
    .requiredOption('--name <name>', 'name to publish under: style/speech')
    .option(
      '--method <id>',
      'prompt-tuning, prefix-tuning, parallel-prefix, lora, ia3, … (docs/reference/methods.md), or a plugin of yours (default: defaults.method of the configuration, or its first)',
    )
    .option('--model <name>', 'base model', 'base')
    .option('--validation <file>', 'held-out rows; without it some are set aside')
    .addOption(new Option('--pooling <place>', 'what a classifier of texts reads: peft, cls, last or mean').choices(poolings))
    .option('--on <expression>', 'published adapters that lie frozen beneath: --on tone/friendly')
    .option('--from <adapter>', 'start from a published adapter of the same method and settings (warm start)')
    .option('--partner <expression>', 'a frozen adapter that stands beside it in half of the batches (repeatable)', eachOnce, [])
    .option('--partners', 'ordinary texts and random tokens stand beside it in half of the batches')
    .option('--locality [weight]', 'add KL to the frozen model on reference text to the loss (KL-to-base); the number is its factor, 1 unless said', above(0))
    .option('--reference <file>', "JSONL of reference text for --locality and --partners: nothing of the adapter's task; without it, the bundled corpora")
    .option('--no-probes', 'the adapter carries no inputs of the file, which other adapters could learn to be silent on')
    .option('--set <key=value>', "one of the method's settings, of the default method without --method: --set num_virtual_tokens=20 (repeatable)", pair, {})
    .option('--steps <n>', 'optimizer steps; of this and the four below, auto leaves it to the server', orAuto(whole(1)))
    .option('--epochs <n>', 'passes over the file', orAuto(whole(1)))
    .option('--batch-size <n>', 'rows per step', orAuto(whole(1)))
    .option('--learning-rate <r>', 'peak learning rate', orAuto(above(0, mostLearningRate)))
    .option('--max-length <n>', 'longest row in tokens', orAuto(whole(1)))
    .option(
      '--hyper <key=value>',
      'any other hyperparameter: --hyper precision=int8 (repeatable; docs/reference/hyperparameters.md has all); auto, or null, leaves it to the server, as in the API',
      pair,
      {},
    )
    .option('--joint <word>', 'train in one batch with the jobs that are queued under the same word')
    .option('--executor <name>', 'who trains it in place of a runner: PEFT elsewhere, as weft.config.ts declares (docs/operating/training-elsewhere.md)')
    .option('--seed <n>', 'same seed, same adapter', seedNumber, 0)
    .option('--detach', 'do not wait for the end')
    .addHelpText('after', '\nExample:\n  npx weft train letters.jsonl --name style/letters --method prefix-tuning --set num_virtual_tokens=16 --steps 120')
    .action(async (file: string, options: Options, command: Command) => {
      const weft = clientOf(options)
      const output = outputOf(options)
      // All are read before the first is sent: what is not there is said while nothing is stored yet.
      const hyperparameters = hyperparametersOf(options)
      const [training, validation, reference] = [file, options.validation, options.reference].map(readRows)
      const method = options.method ?? (Object.keys(options.set).length > 0 ? await defaultMethod(weft, command) : undefined)
      const job = await uploads(weft, async (upload) =>
        weft.jobs.create({
          model: options.model,
          trainingFile: await upload(training!),
          suffix: options.name,
          seed: options.seed,
          ...(options.joint !== undefined && { joint: options.joint }),
          ...(options.executor !== undefined && { executor: options.executor }),
          ...(validation ? { validationFile: await upload(validation) } : {}),
          ...(options.pooling ? { pooling: options.pooling } : {}),
          ...phasesOf(options),
          ...(options.probes ? {} : { probes: false }),
          ...(reference ? { foreignFile: await upload(reference) } : {}),
          ...(method === undefined ? {} : { method: { type: method, [method]: options.set } }),
          hyperparameters,
        }),
      )
      output.note(`Job ${job.id} trains ${options.name} with ${job.method.type}${job.executor ? ` at the executor "${job.executor}"` : ''}.`)
      await noteOtherKind(weft, job, output.note)
      for (const { what, message } of job.differences ?? []) output.note(`  ${what}: ${message}`)
      if (options.detach) output.result(job, () => `Follow it with: npx weft jobs watch ${job.id}`)
      else await watchJob(weft, job, output, command, rowsOf(file, training!))
    })

/** Whose settings those are that are said without a method: the server's own. Error `option_unread` where it tells none. */
const defaultMethod = async (weft: WeftClient, command: Command): Promise<string | undefined> => {
  const found = (await weft.methods()).find(({ isDefault }) => isDefault)?.id
  if (found === undefined) refuseUnread(command, ['set'], { without: '--method' })
  return found
}

const phasesOf = ({ on, from, partner, partners, locality }: Options): Pick<CreateJobParameters, 'on' | 'from' | 'partners' | 'locality'> => ({
  ...(on === undefined ? {} : { on }),
  ...(from === undefined ? {} : { from }),
  ...(partners || partner.length > 0 ? { partners: { adapters: partner } } : {}),
  ...(locality === undefined ? {} : { locality: locality === true ? {} : { weight: locality } }),
})

const hyperparametersOf = ({ steps, epochs, batchSize, learningRate, maxLength, hyper }: Options): HyperparametersInput => {
  const own = {
    ...(steps === undefined ? {} : { maxSteps: steps }),
    ...(epochs === undefined ? {} : { nEpochs: epochs }),
    ...(batchSize === undefined ? {} : { batchSize }),
    ...(learningRate === undefined ? {} : { learningRate }),
    ...(maxLength === undefined ? {} : { maxLength }),
  }
  const twice = Object.keys(own).find((name) => name in hyper)
  if (twice !== undefined) throw saidTwice(optionOf[twice as keyof typeof optionOf], `--hyper ${snakeCase(twice)}`)
  const all = { ...own, ...hyper }
  // What is left to the server contradicts nothing.
  const isSaid = (value: unknown): boolean => value !== undefined && value !== null && value !== 'auto'
  if (isSaid(all.maxSteps) && isSaid(all.nEpochs))
    throw optionUnreadBeside('nEpochs' in own ? '--epochs' : '--hyper n_epochs', 'maxSteps' in own ? '--steps' : '--hyper max_steps')
  return all as HyperparametersInput
}

const rowsOf = (path: string, { content }: UploadParameters): AskedRows => {
  const asked = askedAs(content as Uint8Array)
  return { chat: asked !== 'other', ...(asked === 'functions' && { tools: path }) }
}

/** Hyperparameters that have an option of their own. */
const optionOf = { maxSteps: '--steps', nEpochs: '--epochs', batchSize: '--batch-size', learningRate: '--learning-rate', maxLength: '--max-length' } as const

const readRows = (path: string | undefined): UploadParameters | undefined =>
  path === undefined ? undefined : { content: inputRows(path, rowForms), filename: uploadName(path) }
