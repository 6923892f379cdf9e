import type { FiguresFile } from '../figures.ts'
import type { Figures } from './figures.ts'

/** What is shown of each measure, in this order. */
const columns: Record<string, { title: string; text: (value: number) => string }> = {
  exact: { title: 'in the form and right', text: (value) => `${Math.round(100 * value)} %` },
  form: { title: 'in the form', text: (value) => `${Math.round(100 * value)} %` },
  right: { title: 'right in any form', text: (value) => `${Math.round(100 * value)} %` },
  tokens: { title: 'tokens', text: (value) => value.toFixed(0) },
  perplexity: { title: 'perplexity', text: (value) => value.toFixed(1) },
  distance: { title: 'distance of words', text: (value) => value.toFixed(2) },
}

/** What one adapter came to beside the bare base, in Markdown: a line for each way of asking the base and for each seed, of each part that was measured on. */
export const figuresTable = ({ adapters }: FiguresFile, name: string): string => {
  const { base, seeds } = adapters[name]
  const measured = [
    ...Object.entries(base).map(([title, figures]) => [`base, ${title}`, figures] as const),
    ...Object.entries(seeds).map(([seed, { figures }]) => [`\`${name}\`, seed ${seed}`, figures] as const),
  ]
  return linesOf(measured)
}

/** Two at once, each on its own task. */
export const compositionTable = ({ compositions = {} }: FiguresFile, expression: string): string =>
  linesOf(
    Object.entries(compositions[expression]).flatMap(([seed, tasks]) =>
      Object.entries(tasks).map(([name, figures]) => [`asked as \`${name}\`, seed ${seed}`, figures] as const),
    ),
  )

const linesOf = (measured: readonly (readonly [title: string, figures: Figures])[]): string => {
  const parts = measured.flatMap(([title, figures]) => Object.entries(figures).map(([part, measures]) => ({ title, part, measures })))
  const shown = Object.entries(columns).filter(([measure]) => parts.some(({ measures }) => measure in measures))
  const lines = [
    ['', 'held out', 'rows', ...shown.map(([, { title }]) => title)],
    ['---', '---', ...['rows', ...shown].map(() => '---:')],
    ...parts.map(({ title, part, measures }) => [title, part, String(measures.rows), ...shown.map(([measure, { text }]) => text(measures[measure]))]),
  ]
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
