import type { Command } from 'commander'
import { names } from '../../input/names.ts'
import { precisions } from '../../input/precision.ts'
import { whole } from '../../numbers.ts'
import { outputOf, table } from '../../output/output.ts'

/** `weft bench perplexity`: what each precision costs in quality, on the same texts. */
export const benchPerplexityCommand = (command: Command): Command =>
  command
    .description('perplexity of the same passages with the weights held in each precision')
    .option('--precisions <names>', 'with commas between; the first is what the others are compared with', names(precisions), ['float32', 'int8', 'int4'])
    .option('--passages <n>', 'chapters of Moby Dick to read', whole(1), 16)
    .option('--tokens <n>', 'tokens of each', whole(2), 256)
    .option('--threads <n>', 'threads', whole(1), 1)
    .option('--json', 'print one line of JSON')
    .action(async (options) => {
      const { benchPerplexity } = await import('@weft/bench/inference/perplexity')
      const result = await benchPerplexity(options)
      outputOf(options).result(result, () =>
        table(
          ['precision', 'perplexity', 'over the first', 'seconds to load'],
          result.rows.map(({ precision, perplexity, over_first, load_s }) => [precision, String(perplexity), String(over_first), String(load_s)]),
        ),
      )
    })
