import { Command } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { inputTexts, shortened } from '../../input/input-texts.ts'
import { outputOf, table } from '../../output/output.ts'
import { chosenLines } from './auto-choice.ts'
import { askedOneByOne } from './one-by-one.ts'

interface Options extends Connection {
  file?: string
  prompt?: string
}

export const score = (): Command =>
  connected(new Command('score'))
    .description('how likely a composition finds texts: log-probability and perplexity')
    .argument('<expression>', 'base, a route, or an expression')
    .argument('[texts...]', 'what to score; with --file, or piped in, a text a line')
    .option('--file <file>', 'JSONL of {text} or {prompt}, or plain lines')
    .option('--prompt <text>', 'comes before each text and is not scored')
    .action(async (expression: string, texts: string[], options: Options) => {
      const input = inputTexts(texts, options.file)
      const weft = clientOf(options)
      const prompt = options.prompt === undefined ? {} : { prompt: options.prompt }
      const { answer, choices } = await askedOneByOne(input, (some) => weft.score({ model: expression, input: some, ...prompt }))
      const output = outputOf(options)
      for (const line of chosenLines(choices, input)) output.note(line)
      output.result(answer, () =>
        table(
          ['text', 'tokens', 'log-probability', 'perplexity'],
          answer.data.map((result, i) => [shortened(input[i]), result.tokens, result.logprob.toFixed(3), result.perplexity?.toFixed(2) ?? '–']),
        ),
      )
    })
