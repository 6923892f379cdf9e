import type { BenchDefaultsResult } from '@weft/bench/defaults/run'

/** Head and rows: a method's defaults on a task, beside the best of its grid. */
export const defaultsTable = ({ comparisons }: BenchDefaultsResult): [string[], (string | number)[][]] => [
  ['task', 'method', 'default', 'its score', "grid's best", 'its score', 'ratio'],
  comparisons.map(({ task, method, score, setting, default: usual, best, ratio, at_edge }) => {
    const shown = (value: number | null): string => (value === null ? 'broke down' : score === 'accuracy' ? `${(100 * value).toFixed(1)} %` : value.toFixed(3))
    const point = (scored: typeof usual): string =>
      `${scored.learning_rate}, ${setting} ${typeof scored.value === 'string' ? scored.value : JSON.stringify(scored.value ?? null)}`
    return [task, method, point(usual), shown(usual.held_out), `${point(best)}${at_edge ? ' (edge)' : ''}`, shown(best.held_out), ratio.toFixed(3)]
  }),
]
