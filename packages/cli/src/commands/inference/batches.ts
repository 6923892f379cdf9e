import { existsSync, realpathSync } from 'node:fs'
import type { WeftClient } from '@weft/client'
import type { BatchObject } from '@weft/protocol'
import { batchEndpoints } from '@weft/protocol'
import { Command, Option } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { answersOverQuestions } from '../../errors.ts'
import { inputFile } from '../../input/input-file.ts'
import { refuseUnread } from '../../input/unread-options.ts'
import { uploadName } from '../../input/upload-name.ts'
import { whole } from '../../numbers.ts'
import { type Output, outputOf, table } from '../../output/output.ts'
import { force, type Overwriting, requireWritable, writeOutputPieces } from '../../output/output-file.ts'
import { uploads } from '../../uploads.ts'
import { batchNotWatched } from '../../watching/errors.ts'
import { endpointOf } from './batch-endpoint.ts'
import { failedLines } from './failed-lines.ts'

const counts = ({ requestCounts: { total, completed, failed } }: BatchObject): string => `${completed}/${total}${failed > 0 ? `, ${failed} failed` : ''}`

/** One batch in a few lines: how it stands, its files, and what is wrong. @param failed why requests failed */
const told = (batch: BatchObject, failed: readonly string[] = []): string =>
  [
    `${batch.id}: ${batch.status}, ${counts(batch)}`,
    ...(batch.references?.map(({ reference, standsFor }) => `${reference} stands for ${standsFor}`) ?? []),
    ...(batch.outputFileId ? [`answers: ${batch.outputFileId}`] : []),
    ...(batch.errorFileId ? [`errors: ${batch.errorFileId}`] : []),
    ...failed,
    ...(batch.errors?.data.map(({ line, message }) => (line === null ? message : `line ${line}: ${message}`)) ?? []),
  ].join('\n')

interface CreateOptions extends Connection, Overwriting {
  endpoint?: BatchObject['endpoint']
  window: string
  wait?: boolean
  out?: string
}

export const batches = (): Command => {
  const command = new Command('batches').description('have many requests of a file answered in a file')
  connected(command.command('list', { isDefault: true }))
    .description('newest first (the default)')
    .option('--limit <n>', 'at most so many', whole(1, 100), 20)
    .action(async (options: Connection & { limit: number }) => {
      const { data } = await clientOf(options).batches.list({ limit: options.limit })
      outputOf(options).result(data, () =>
        data.length === 0
          ? 'No batches yet.'
          : table(
              ['batch', 'endpoint', 'status', 'answered', 'answers', 'errors'],
              data.map((batch) => [batch.id, batch.endpoint, batch.status, counts(batch), batch.outputFileId ?? '–', batch.errorFileId ?? '–']),
            ),
      )
    })
  connected(command.command('create'))
    .argument('<file>', 'JSONL of {"custom_id", "method": "POST", "url", "body"}')
    .description('upload a file of requests and have them answered')
    .addOption(new Option('--endpoint <path>', 'where all of them go; where the first says, unless said').choices(batchEndpoints))
    .option('--window <time>', 'what is not answered by then is given up: 30m, 24h, 7d', '24h')
    .option('--wait', 'until it has ended; ends with 1 unless every request was answered')
    .option('--out <file>', 'with --wait: where the answers are written')
    .addOption(force())
    .action(async (path: string, options: CreateOptions, command: Command) => {
      if (!options.wait) refuseUnread(command, ['out'], { without: '--wait' })
      if (options.out === undefined) refuseUnread(command, ['force'], { without: '--out' })
      const content = inputFile(path, 'a JSONL file of requests')
      if (options.out !== undefined) {
        if (existsSync(options.out) && realpathSync(options.out) === realpathSync(path)) throw answersOverQuestions(path)
        requireWritable(options.out, options)
      }
      const weft = clientOf(options)
      const output = outputOf(options, options.out)
      const created = await uploads(weft, async (upload) =>
        weft.batches.create({
          inputFileId: await upload({ content, filename: uploadName(path), purpose: 'batch' }),
          endpoint: options.endpoint ?? endpointOf(content),
          completionWindow: options.window,
        }),
      )
      if (!options.wait) return output.result(created, () => told(created))
      const ended = await watched(weft, created.id, options.out, (batch) => output.note(`${batch.status}, ${counts(batch)}`))
      await writeAnswers(ended, options, output)
      const failed = await reasonsOf(ended, options)
      output.result(ended, () => told(ended, failed))
      if (ended.status !== 'completed' || ended.requestCounts.failed > 0) process.exitCode = 1
    })
  connected(command.command('show'))
    .argument('<batch>')
    .description('how far one is')
    .option('--out <file>', 'where its answers are written')
    .addOption(force())
    .action(async (id: string, options: Answers, command: Command) => {
      if (options.out === undefined) refuseUnread(command, ['force'], { without: '--out' })
      else requireWritable(options.out, options)
      const batch = await clientOf(options).batches.get(id)
      const output = outputOf(options, options.out)
      await writeAnswers(batch, options, output)
      const failed = await reasonsOf(batch, options)
      output.result(batch, () => told(batch, failed))
    })
  connected(command.command('cancel'))
    .argument('<batch>')
    .description('stop one; what is answered already becomes a file')
    .action(async (id: string, options: Connection) => {
      const batch = await clientOf(options).batches.cancel(id)
      const failed = await reasonsOf(batch, options)
      outputOf(options).result(batch, () => told(batch, failed))
    })
  return command
}

/** One batch to its end. Ctrl-C leaves it to go on. @throws CliError `not_watched` then */
async function watched(weft: WeftClient, id: string, out: string | undefined, onChange: (batch: BatchObject) => void): Promise<BatchObject> {
  const stop = new AbortController()
  const interrupted = (): void => stop.abort()
  process.once('SIGINT', interrupted)
  try {
    return await weft.batches.wait(id, { onChange, signal: stop.signal })
  } catch (error) {
    throw stop.signal.aborted ? batchNotWatched(id, out) : error
  } finally {
    process.off('SIGINT', interrupted)
  }
}

/** Read only where they are printed. */
const reasonsOf = async (batch: BatchObject, options: Connection): Promise<string[]> =>
  options.json ? [] : failedLines(batch, (id) => clientOf(options).files.stream(id))

interface Answers extends Connection, Overwriting {
  out?: string
}

/** The answers, where a file is named for them. Without any, it is said that there is no such file. */
async function writeAnswers({ id, outputFileId }: BatchObject, options: Answers, output: Output): Promise<void> {
  if (options.out === undefined) return
  if (outputFileId) await writeOutputPieces(options.out, await clientOf(options).files.stream(outputFileId), options)
  else output.note(`${id} has no answers, so ${options.out} is not written.`)
}
