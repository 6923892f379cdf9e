import { markdownTable } from '../markdown-table.ts'
import { notRun } from './figure.ts'

/**
 * A table of figures. A line of which nothing has been run is named below the table instead of taking a line of it, so that what was measured is
 * found; a line that was run in part stays whole.
 * @param labels how many cells of a line say what it is about, before its figures
 * @param notHere how the sentence begins that names the lines left out, where two tables stand one below the other
 */
export const figuresTable = (labels: number, head: readonly string[], lines: readonly (readonly string[])[], notHere = 'Not run'): string => {
  const figures = (line: readonly string[]): string[] => line.slice(labels).filter((cell) => cell !== '–')
  const empty = (line: readonly string[]): boolean => figures(line).length > 0 && figures(line).every((cell) => cell === notRun)
  const left = lines.filter(empty).map((line) => line.slice(0, labels).join(', '))
  const shown = lines.filter((line) => !empty(line))
  return [...(shown.length > 0 ? [markdownTable(head, shown)] : []), ...(left.length > 0 ? [`${notHere}: ${left.join('; ')}.`] : [])].join('\n\n')
}
