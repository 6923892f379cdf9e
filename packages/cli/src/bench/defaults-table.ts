import type { BenchDefaultsResult } from '@weft/bench/defaults/run'

/** Head and rows: a method's defaults on a task, beside the best of its grid. */
export const defaultsTable = ({ comparisons }: BenchDefaultsResult): [string[], (string | number)[][]] => [
  ['task', 'method', 'default', 'its score', "grid's best", 'its score', 'ratio'],
  comparisons.map(({ task, method, score, setting, default: usual, best, ratio, at_edge }) => {
    const number = (value: number): string => (score === 'accuracy' ? (100 * value).toFixed(1) : value.toFixed(3))
    const shown = ({ held_out: mean, held_out_by_seed: each }: typeof usual): string => {
      if (mean === null) return 'broke down'
      return `${number(mean)}${score === 'accuracy' ? ' %' : ''}${each.length > 1 ? ` (${each.map(number).join(', ')})` : ''}`
    }
    const point = (scored: typeof usual): string =>
      `${scored.learning_rate}, ${setting} ${typeof scored.value === 'string' ? scored.value : JSON.stringify(scored.value ?? null)}`
    return [task, method, point(usual), shown(usual), `${point(best)}${at_edge ? ' (edge)' : ''}`, shown(best), ratio.toFixed(3)]
  }),
]
