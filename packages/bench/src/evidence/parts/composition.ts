import type { BenchComposeOptions } from '../../compose/options.ts'
import { type BenchComposeResult, benchCompose } from '../../compose/run.ts'
import { commitsOf, decimals, figure, meanValue } from '../figure.ts'
import { figuresTable } from '../figures-table.ts'
import { rateOf, usualComposition } from '../measures/compose-options.ts'
import { withTasks } from '../measures/tasks-folder.ts'
import { models } from '../models.ts'
import type { EvidencePart, Form } from '../part.ts'
import { bars } from '../plot/bars.ts'
import type { Cell, Row, Values } from '../row.ts'
import { shortfalls, shortfallsSaid } from '../shortfalls.ts'

/** How adapters are trained and how they meet. */
interface Way {
  method: string
  phase: 'none' | 'locality'
  settle?: boolean
  operator: BenchComposeOptions['operator']
  joint?: boolean
  auto?: boolean
  /** Whether it is in the short form too. */
  short?: boolean
}

const METHOD = 'parallel-prefix'
/** What has no second phase, and is added inside the model. */
const plain = ['prompt-tuning', 'prefix-tuning', 'lora', 'ia3']
/** What is recommended. */
const settledExperts: Way = { method: METHOD, phase: 'none', settle: true, operator: 'experts', auto: true }
const ways: readonly Way[] = [
  { method: METHOD, phase: 'locality', operator: 'experts', auto: true, short: true },
  settledExperts,
  { method: METHOD, phase: 'none', settle: true, operator: 'experts', joint: true },
  { method: METHOD, phase: 'none', settle: true, operator: 'sum' },
  { method: METHOD, phase: 'none', operator: 'experts', short: true },
  { method: METHOD, phase: 'none', operator: 'sum', short: true },
  { method: METHOD, phase: 'locality', operator: 'sum', short: true },
  { method: METHOD, phase: 'locality', operator: 'product' },
  { method: METHOD, phase: 'locality', operator: 'ensemble' },
  ...plain.flatMap((method): Way[] => [
    { method, phase: 'none', operator: 'sum', short: true },
    { method, phase: 'none', operator: 'experts' },
  ]),
]

/** The small model for every way; the larger one for those that are recommended or compared, then for the others. */
const measured = ['bundled', 'smollm2-135m-instruct'] as const
const seeds = [0, 1, 2]
const compositionCell = (model: string, { method, phase, settle = false, operator, joint = false, auto = false }: Way, seed: number): Cell => ({
  settings: {
    ...{ measure: 'composition', model, method, phase, settle, operator, joint, auto, learningRate: rateOf(method, model), ...usualComposition },
    ...(settle && { settleWeight: 1 }),
  },
  seed,
})

const cellsOf = (form: Form): Cell[] =>
  form === 'short'
    ? ways.filter(({ short }) => short).map((way) => compositionCell('bundled', way, 0))
    : measured.flatMap((model) => seeds.flatMap((seed) => ways.map((way) => compositionCell(model, way, seed))))

const found = (rows: { find(cell: Cell): Row | undefined }, model: string, way: Way) => seeds.map((seed) => rows.find(compositionCell(model, way, seed)))

/** Mean retention in pairs of a method's adapters without a second phase, added inside the model. */
export const plainRetention = (rows: { find(cell: Cell): Row | undefined }, model: string, method: string) => {
  const way = ways.find((each) => each.method === method && each.phase === 'none' && !each.settle && each.operator === 'sum')
  return way && measured.some((name) => name === model) ? found(rows, model, way) : undefined
}

const trainedBy = ({ phase, settle, joint }: Way): string =>
  settle ? `settled together${joint ? ', and one adapter for each pair' : ''}` : phase === 'none' ? 'each alone' : `each alone, then \`${phase}\``

/** By composition, then by task. */
type Scores = Record<string, Record<string, number>>

/** What a row keeps of a result of `weft bench compose`. */
const compositionValues = (result: BenchComposeResult): Values => {
  const { base, compositions, joint, retention, mean_retention, worst, three_at_once, four_at_once, all_at_once } = result
  const { calibrated, ratio_to_joint, parameters, price_alone, auto, intervals } = result
  const scores = (of: typeof compositions) =>
    Object.fromEntries(Object.entries(of).map(([name, tasks]) => [name, Object.fromEntries(Object.entries(tasks).map(([task, { score }]) => [task, score]))]))
  return {
    ...{ mean_retention, worst, three_at_once, four_at_once, all_at_once, calibrated, ratio_to_joint, parameters, price_alone, retention, intervals },
    scores: scores({ base, ...compositions }),
    ...(joint && { joint: scores(joint) }),
    ...(auto && { auto: autoValues(auto) }),
  }
}

const autoValues = ({ mean_of_oracle, of_oracle, right, beginnings, left_alone }: NonNullable<BenchComposeResult['auto']>): Values => ({
  ...{ mean_of_oracle, of_oracle, right, beginnings, left_alone },
})

/** The least of a record's numbers whose names end so. */
export const leastOf = (values: unknown, ending = ''): number | undefined => {
  const found = Object.entries((values ?? {}) as Record<string, unknown>).flatMap(([name, value]) =>
    typeof value === 'number' && name.endsWith(ending) ? [value] : [],
  )
  return found.length > 0 ? Math.min(...found) : undefined
}

/** Of the six places, that in which the pair stands worst beside the one adapter for both. */
const leastOfJoint = (values: Values): number | undefined => {
  const { base, ...compositions } = values.scores as Scores
  const places = Object.entries((values.joint ?? {}) as Scores).flatMap(([pair, scores]) =>
    Object.entries(scores).map(([task, score]) => (compositions[pair][task] - base[task]) / (score - base[task])),
  )
  return places.length > 0 ? Math.min(...places) : undefined
}

/** What adapters keep when several act at once. */
export const composition: EvidencePart = {
  name: 'composition',
  title: 'What adapters keep when composed',
  cells: cellsOf,
  run: async ({ settings, seed }, { source, keep, threads, onNote }) => {
    const { measure: _, model: __, tasks, ...options } = settings
    return withTasks(tasks, async (given) => {
      const result = await benchCompose({
        ...(options as unknown as Omit<BenchComposeOptions, 'model' | 'seed'>),
        ...given,
        model: source,
        seed,
        onNote,
        ...(keep !== undefined && { keep }),
        ...(threads !== undefined && { threads }),
      })
      return compositionValues(result)
    })
  },
  inShort: (rows) => {
    const of = found(rows, 'smollm2-135m-instruct', settledExperts)
    if (of.every((row) => row === undefined)) return undefined
    const value = (read: (values: Values) => unknown) => figure(of, ({ values }) => read(values), decimals(2))
    return `A label, a style and a format, settled together and composed by \`experts\`, keep ${value((v) => v.mean_retention)} of what each gains alone in pairs, ${value((v) => v.worst)} in the worst place, ${value((v) => v.three_at_once)} all three at once. A settled adapter by itself keeps ${value((v) => leastOf(v.price_alone))} at the least.`
  },
  table: (rows) =>
    [
      'Three adapters of one method, trained for 64 steps, and for as many in a second phase or settled: a label (spam or ham), a style (the prose of Moby Dick) and a format (where a text is from, as JSON). *Retention* is the share of what an adapter gains over the base alone that is left when others act too: 1 keeps all, 0 none, less than 0 is worse than the base. *Worst* is the least of the six places in pairs. *Of joint* is the share of what one adapter gains that was trained on both tasks’ data, with the steps of both: where that one learned a task badly, a place is far above 1, and the mean with it. *Price alone* is the least share of its own gain that a settled adapter has alone.',
      ...measured.flatMap((model) => [
        `**${models[model].title}**`,
        figuresTable(
          3,
          [
            'method',
            'trained',
            'operator',
            'pairs, mean',
            'pairs, worst',
            'three at once',
            'of joint, mean',
            'of joint, worst',
            'price alone',
            '`auto` of the oracle',
            'run at',
          ],
          ways.map((way) => {
            const of = found(rows, model, way)
            const value = (name: string) => figure(of, ({ values }) => values[name], decimals(2))
            return [
              `\`${way.method}\``,
              trainedBy(way),
              `\`${way.operator}\``,
              value('mean_retention'),
              value('worst'),
              value('three_at_once'),
              way.joint ? value('ratio_to_joint') : '–',
              way.joint ? figure(of, ({ values }) => leastOfJoint(values), decimals(2)) : '–',
              way.settle ? figure(of, ({ values }) => leastOf(values.price_alone), decimals(2)) : '–',
              way.auto ? figure(of, ({ values }) => (values.auto as { mean_of_oracle: unknown }).mean_of_oracle, decimals(2)) : '–',
              commitsOf(of),
            ]
          }),
        ),
        ...shortfallsSaid(ways.filter(({ settle, joint }) => settle && !joint).flatMap((way) => shortfalls(found(rows, model, way)))),
      ]),
      'A dash: not asked of this way, or, of the price, not yet when it was run. 72 held-out rows of each task, one set of tasks, English: read differences of less than 0.1 as chance. A row has 64 tokens at most, and what is longer is cut: most rows on the bundled model, every one of the format among them; on SmolLM2 at most a fifth of each task’s (`cut_rows`, which `weft bench compose` prints). Where an adapter gained nothing alone, it has no retention and is left out of the mean. Rates are each method’s own default; none was chosen here. Since `80c83c79` `experts` is a mixture of what its operands say; rows that were run before are of the weighted sum that it was.',
    ].join('\n\n'),
  plot: (rows) =>
    measured.flatMap((model) => {
      const title = `Mean retention in pairs on ${models[model].title}, by method, training and operator`
      const drawn = ways.flatMap((way) => {
        const value = meanValue(found(rows, model, way), ({ values }) => values.mean_retention)
        const how = way.settle ? ', settled' : way.phase === 'none' ? '' : ', locality'
        return value === undefined ? [] : [{ name: `${way.method}${how}: ${way.operator}`, value, kind: way.operator === 'sum' ? 0 : 1 }]
      })
      const svg = bars(title, 'retention in pairs; 1 keeps everything', drawn, decimals(2))
      return svg === null ? [] : [{ file: `composition-${model}.svg`, alt: `${title}; the table below has the figures`, svg }]
    }),
}
