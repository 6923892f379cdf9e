import { decimals, figure, meanValue, percent } from '../figure.ts'
import { figuresTable } from '../figures-table.ts'
import { domainPairs, domains, loraSum, sumCell } from '../measures/lora-sum.ts'
import { models } from '../models.ts'
import type { EvidencePart, Form } from '../part.ts'
import type { Cell, Row, Values } from '../row.ts'

const decoders = ['bundled', 'smollm2-135m-instruct']
const seedsOf = (form: Form): number[] => (form === 'short' ? [0] : [0, 1, 2])
const cellsOf = (model: string, form: Form): Cell[] => seedsOf(form).map((seed) => sumCell(model, seed))

/** What Cao et al. (2025) print for math + medicine, math + finance and finance + medicine. */
const PUBLISHED = '−9.1 %, +4.5 % and +27.6 %'

/** Cao, Truong and Lizarraga 2025: LoRAs of unlike domains are nearly orthogonal, and their sum stands beside one that was trained on both domains' data. */
export const loraSums: EvidencePart = {
  name: 'lora-sum',
  title: 'Two LoRAs added, beside one for both',
  cells: (form) => (form === 'short' ? ['bundled'] : decoders).flatMap((model) => cellsOf(model, form)),
  run: loraSum,
  inShort: (rows) => {
    const said = decoders.flatMap((model) => {
      const changes = domainPairs.flatMap(([a, b]) => {
        const change = meanValue(
          cellsOf(model, 'long').map((cell) => rows.find(cell)),
          ({ values }) => (values[`${a} + ${b}`] as Values | undefined)?.change,
        )
        return change === undefined ? [] : [change]
      })
      return changes.length === 0 ? [] : [`${percent(Math.min(...changes))} to ${percent(Math.max(...changes))} more on ${models[model].title}`]
    })
    return said.length === 0
      ? undefined
      : `Perplexity of two LoRAs added, against that of one that was trained for both: ${said.join('; ')}. Less than 0 would be better.`
  },
  table: (rows) => {
    const value = (model: string, of: string, name: string, format: (value: number) => string) =>
      figure(
        cellsOf(model, 'long').map((cell) => rows.find(cell)),
        ({ values }: Row) => (values[of] as Values | undefined)?.[name],
        format,
      )
    return [
      `Cao et al. 2025 ([2508.11985](https://arxiv.org/abs/2508.11985)) train LoRAs of rank 4 and α 64 on questions of three domains, with GPT-2 small (117 M), and add them. Perplexity beside that of one LoRA trained on both domains’ data changes by ${PUBLISHED} in their pairs, the more, the more alike the two changes of weights are (the root mean square of their cosines over layers). The same here, with the same rank and α on models that are at hand, of which SmolLM2-135M is about as large as theirs, and texts of three domains: mails between people, a novel, addresses. The LoRA for both has the steps of both.`,
      figuresTable(
        2,
        ['model', 'domain', 'bare model', 'its own LoRA'],
        decoders.flatMap((model) =>
          domains.map((name) => [models[model].title, name, value(model, name, 'base', decimals(1)), value(model, name, 'alone', decimals(1))]),
        ),
      ),
      figuresTable(
        2,
        ['model', 'pair', 'the two added', 'one for both', 'added over one', 'cosine'],
        decoders.flatMap((model) =>
          domainPairs.map(([a, b]) => {
            const pair = `${a} + ${b}`
            return [
              models[model].title,
              pair,
              value(model, pair, 'sum', decimals(1)),
              value(model, pair, 'joint', decimals(1)),
              value(model, pair, 'change', percent),
              value(model, pair, 'cosine', decimals(3)),
            ]
          }),
        ),
      ),
      'Perplexity per token of held-out passages, 72 of each domain, a pair’s over both; above 0 % the sum is worse. It is the published question and not the published experiment: other models, other texts, English prose in place of questions, trainings of 64 steps, and no rate was searched for. GPT-2 is not among the models of this page. The bundled model has read the training parts of these corpora when it was pretrained, so that its LoRAs have little to gain.',
    ].join('\n\n')
  },
  plot: () => [],
}
