import { expressionUnquoted, noInput, optionUnreadBeside } from '../errors.ts'
import { inputText, pipedText } from './input-file.ts'
import { probesOf } from './probes.ts'

/** The texts of a command line: its arguments; else those of a file, JSONL or plain lines; else what is piped in, in the same forms. */
export const inputTexts = (given: readonly string[], file?: string): string[] => {
  if (given[0] === '+') throw expressionUnquoted()
  if (given.length > 0 && file !== undefined) throw optionUnreadBeside('--file', 'texts on the command line')
  if (given.length > 0) return [...given]
  if (file === undefined && process.stdin.isTTY) throw noInput()
  const texts = probesOf(file === undefined ? pipedText() : inputText(file, 'a file of texts')).map(({ prompt }) => prompt)
  if (texts.length === 0) throw noInput()
  return texts
}

/** A text on one line of a table. */
export const shortened = (text: string, longest = 60): string => {
  const line = text.replace(/\s+/g, ' ').trim()
  return [...line].length > longest ? `${[...line].slice(0, longest - 1).join('')}…` : line
}
