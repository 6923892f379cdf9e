import { Command } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { inputTexts, shortened } from '../../input/input-texts.ts'
import { outputOf, table } from '../../output/output.ts'

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
      const answer = await clientOf(options).score({ model: expression, input, ...(options.prompt === undefined ? {} : { prompt: options.prompt }) })
      outputOf(options).result(answer, () =>
        table(
          ['text', 'tokens', 'log-probability', 'perplexity'],
          answer.data.map((result, i) => [shortened(input[i]), result.tokens, result.logprob.toFixed(3), result.perplexity?.toFixed(2) ?? '–']),
        ),
      )
    })
