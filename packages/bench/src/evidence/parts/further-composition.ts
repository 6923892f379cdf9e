import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { furtherTasks } from '../../compose/tasks/further-tasks.ts'
import { writeTasks } from '../../compose/tasks/write-tasks.ts'
import { markdownTable } from '../../markdown-table.ts'
import { decimals, figure } from '../figure.ts'
import { rateOf, usualComposition } from '../measures/compose-options.ts'
import { models } from '../models.ts'
import type { Cell, Json, Row, Values } from '../row.ts'

const METHOD = 'parallel-prefix'

/** Of `weft bench tasks`. `novel` and `json` are two of the three that the tables above are of. */
const groups = [
  ['era', 'list', 'speech', 'yaml'],
  ['era', 'json', 'list', 'novel', 'speech', 'yaml'],
] as const

/** A row is as long as most rows are in a model's own tokens. */
const measured: Readonly<Record<string, { maxLength: number; precision?: 'int8' }>> = {
  bundled: { maxLength: 96 },
  'smollm2-135m-instruct': { maxLength: 64, precision: 'int8' },
}

const seeds = [0, 1, 2]

const cellOf = (model: string, tasks: readonly string[], seed: number): Cell => ({
  settings: {
    ...{ measure: 'composition', model, method: METHOD, phase: 'none', settle: true, operator: 'experts', joint: false, auto: true },
    ...{ learningRate: rateOf(METHOD), ...usualComposition, eval: 48, ...measured[model], tasks: tasks.join(', ') },
  },
  seed,
})

/** More tasks than one of a kind: those that nothing about composition was chosen with. */
export const furtherCells = (): Cell[] => seeds.flatMap((seed) => groups.flatMap((tasks) => Object.keys(measured).map((model) => cellOf(model, tasks, seed))))

/** Makes the folder that a cell's `tasks` name, for as long as they are measured. */
export const withTasks = async <T>(tasks: Json | undefined, measure: (options: { tasks?: string; only?: string[] }) => Promise<T>): Promise<T> => {
  if (typeof tasks !== 'string') return measure({})
  const folder = mkdtempSync(join(tmpdir(), 'weft-evidence-'))
  try {
    writeTasks(folder, furtherTasks())
    return await measure({ tasks: folder, only: tasks.split(', ') })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Least of a record's numbers whose names end so. */
const least = (values: unknown, ending = ''): number | undefined => {
  const found = Object.entries((values ?? {}) as Record<string, unknown>).flatMap(([name, value]) =>
    typeof value === 'number' && name.endsWith(ending) ? [value] : [],
  )
  return found.length > 0 ? Math.min(...found) : undefined
}

export const furtherTable = (rows: { find(cell: Cell): Row | undefined }): string =>
  [
    'More tasks, of which `era`, `list`, `speech` and `yaml` are none that anything about composition was chosen with: labels of three and of five answers, the prose of presidents, a mail’s kind as YAML; with `novel` and `json`, two labels, two styles and two formats. `weft bench tasks` writes them. Adapters are settled together and composed by `experts`; 48 held-out rows of each task at most. *Price alone* is the least share of its own gain that a settled adapter has alone.',
    markdownTable(
      ['model', 'tasks', 'pairs, mean', 'pairs, worst', 'threes', 'all at once', 'all, worst', 'price alone', '`auto` of the oracle'],
      Object.keys(measured).flatMap((model) =>
        groups.map((tasks) => {
          const of = seeds.map((seed) => rows.find(cellOf(model, tasks, seed)))
          const value = (read: (values: Values) => unknown) => figure(of, ({ values }) => read(values), decimals(2))
          return [
            models[model].title,
            `${tasks.length}`,
            value(({ mean_retention }) => mean_retention),
            value(({ worst }) => worst),
            tasks.length > 4 ? '–' : value(({ three_at_once }) => three_at_once),
            value(({ four_at_once, all_at_once }) => all_at_once ?? four_at_once),
            value(({ retention }) => least(retention, `in ${tasks.join(' + ')}`)),
            value(({ price_alone }) => least(price_alone)),
            value(({ auto }) => (auto as { mean_of_oracle?: unknown } | undefined)?.mean_of_oracle),
          ]
        }),
      ),
    ),
  ].join('\n\n')
