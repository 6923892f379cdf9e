import type { Command } from 'commander'
import { inputFile } from '../../input/input-file.ts'
import { eachOnce } from '../../input/names.ts'
import { real, realNumbers, whole, wholeNumbers } from '../../numbers.ts'
import { outputOf, table } from '../../output/output.ts'

/** `weft bench steer`: what a steering vector does to held-out pairs at each strength, and what it costs elsewhere. */
export const benchSteerCommand = (command: Command): Command =>
  command
    .description('steer by a vector from contrastive pairs, and compare held-out pairs and unrelated text with those behind a text prompt')
    .option('--pairs <file>', 'JSONL of {positive, negative}, with a {prompt} or none; addresses of presidents against Moby Dick come along')
    .option('--held-out <file>', 'other pairs, which the figures are of')
    .option('--reference <file>', 'JSONL of {text} that has nothing to do with it; mails come along')
    .option('--prompt <text>', 'a text that asks for the positive side (repeatable; the best is compared)', eachOnce)
    .option('--layers <n,...>', 'behind which layers to try, counted from 0 (default: at a quarter, two fifths and three fifths of the depth)', wholeNumbers)
    .option('--strengths <s,...>', 'strengths; negative ones are measured, and not chosen', realNumbers, [-1, 0.5, 1, 2, 4])
    .option('--cost <share>', 'by how much the perplexity of unrelated text may rise for what is chosen', real(0), 0.1)
    .option('--rows <n>', 'pairs of the vector, at most', whole(1), 256)
    .option('--choosing <n>', 'pairs, and reference texts, to choose layer and strength on', whole(1), 32)
    .option('--judged <n>', 'held-out pairs, and reference texts, at most', whole(1), 64)
    .option('--method <id>', 'method', 'steering')
    .option('--seed <n>', 'which pairs are chosen on', whole(0), 0)
    .option('--threads <n>', 'threads', whole(1))
    .option('--json', 'print one line of JSON')
    .action(async ({ prompt, ...options }) => {
      for (const path of [options.pairs, options.heldOut, options.reference]) if (path !== undefined) inputFile(path, 'a JSONL file of rows')
      const { benchSteer } = await import('@weft/bench/steering/run')
      const output = outputOf(options)
      const result = await benchSteer({ ...options, ...(prompt && { prompts: prompt }), onNote: (text: string) => output.note(text) })
      output.result(
        result,
        () =>
          `${result.pairs} pairs, layer and strength chosen on ${result.chosen_on} others, judged on ${result.held_out}; behind layer ${result.layer}\n\n${table(
            ['behind', 'margin', 'gained', 'preferred', 'perplexity', 'rises by'],
            result.rows.map(({ behind, text, strength, margin, gain, preferred, perplexity, cost, chosen }) => [
              `${text === undefined ? behind : JSON.stringify(text)}${strength === undefined ? '' : ` × ${strength}`}${chosen ? ', chosen' : ''}`,
              margin.toFixed(3),
              gain.toFixed(3),
              preferred.toFixed(2),
              perplexity.toFixed(1),
              `${(100 * cost).toFixed(1)} %`,
            ]),
          )}`,
      )
    })
