import { mostLearningRate } from '@weft/methods/hyperparameters'
import type { Command } from 'commander'
import { documentOf } from '../../input/document.ts'
import { inputFile } from '../../input/input-file.ts'
import { refuseUnread } from '../../input/unread-options.ts'
import { above, whole, wholeNumbers } from '../../numbers.ts'
import { outputOf, table } from '../../output/output.ts'

export const benchCompressCommand = (command: Command): Command =>
  command
    .description('compress a document, and compare answers about it with those behind the document, its beginning and a summary')
    .requiredOption('--document <file>', 'a text file')
    .option('--questions <file>', "JSONL of {prompt, completion}; questions about lru-cache's README come along")
    .option('--tokens <n,...>', 'keys of each compression', wholeNumbers, [64, 128, 256])
    .option('--self-study <steps>', 'with so many steps of self-study too', whole(1))
    .option('--learning-rate <r>', 'peak learning rate of the self-study', above(0, mostLearningRate))
    .option('--batch <n>', 'rows of a step of it', whole(1), 4)
    .option('--method <id>', 'method', 'cartridge')
    .option('--seed <n>', 'seed', whole(0), 0)
    .option('--threads <n>', 'threads', whole(1))
    .option('--json', 'print one line of JSON')
    .action(async (options, command: Command) => {
      if (options.selfStudy === undefined) refuseUnread(command, ['learningRate', 'batch', 'seed'], { without: '--self-study' })
      documentOf(options.document)
      if (options.questions !== undefined) inputFile(options.questions, 'a JSONL file of questions')
      const { benchCompress } = await import('@weft/bench/documents/run')
      const output = outputOf(options)
      const result = await benchCompress({ ...options, onNote: (text: string) => output.note(text) })
      const row = (behind: string, { logprob, exact }: { logprob: number; exact: number }, cpu = '–') => [behind, logprob.toFixed(3), exact.toFixed(2), cpu]
      const sized = (what: string, rows: readonly { tokens: number; logprob: number; exact: number; cpu_seconds?: number }[] = []) =>
        rows.map((each) => row(`${what}, ${each.tokens}`, each, each.cpu_seconds === undefined ? '–' : `${each.cpu_seconds} s`))
      output.result(result, () =>
        table(
          ['behind', 'nats a token', 'exact', 'CPU'],
          [
            row('nothing', result.none),
            row(`the document, ${result.document_tokens}`, result.in_context),
            ...sized('its beginning', result.truncated),
            ...sized('a summary', result.summary),
            ...sized('compressed', result.compressed),
            ...sized('with self-study', result.self_study),
          ],
        ),
      )
    })
