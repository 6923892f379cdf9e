import { Command, Option } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { inputTexts, shortened } from '../../input/input-texts.ts'
import { outputOf, table } from '../../output/output.ts'

export const embed = (): Command =>
  connected(new Command('embed'))
    .description('vectors of texts, of length 1; --json prints them whole')
    .argument('<expression>', 'base, a route, or an expression')
    .argument('[texts...]', 'what to embed; with --file, or piped in, a text a line')
    .option('--file <file>', 'JSONL of {text} or {prompt}, or plain lines')
    .addOption(
      new Option('--pooling <place>', "whose hidden states: of all tokens, or of the last (default: the composition's own, or mean)").choices(['mean', 'last']),
    )
    .option('--truncate', 'cut what is longer than the context, which is refused otherwise', false)
    .action(async (expression: string, texts: string[], options: Connection & { file?: string; truncate: boolean; pooling?: 'mean' | 'last' }) => {
      const input = inputTexts(texts, options.file)
      const answer = await clientOf(options).embeddings({ model: expression, input, truncate: options.truncate, pooling: options.pooling })
      outputOf(options).result(answer, () =>
        table(
          ['text', 'size', 'vector'],
          answer.data.map(({ embedding }, i) => [
            shortened(input[i]),
            embedding.length,
            `[${embedding
              .slice(0, 4)
              .map((value) => value.toFixed(4))
              .join(', ')}, …]`,
          ]),
        ),
      )
    })
