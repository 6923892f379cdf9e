import { jsonFault } from '@weft/adapters'
import { inputNoJson, rowNotOneInput, rowWithoutText } from '../errors.ts'

interface Input {
  prompt: string
  completion?: string
}

/**
 * Inputs of a file: of JSON lines the prompt (else the text) and the completion, if there is one; of other lines the lines themselves, without their ends. Labels are not read.
 * @throws CliError `row_without_text` for an object that has neither, `row_not_one_input` for one that has both or an answer that is no text, `invalid_json` for one that has a key twice
 */
export const probesOf = (content: string): Input[] => content.split(/\r?\n/).flatMap((line, at) => (line.trim() === '' ? [] : [inputOf(line, at + 1)]))

const inputOf = (line: string, at: number): Input => {
  const row = jsonOf(line)
  if (typeof row === 'string') return { prompt: row }
  if (row === null || typeof row !== 'object' || Array.isArray(row)) return { prompt: line }
  const fault = jsonFault(line, row)
  if (fault !== undefined) throw inputNoJson(at, fault)
  const { prompt, text, completion } = row as Record<string, unknown>
  const asked = prompt ?? text
  if (typeof asked !== 'string') throw rowWithoutText(at, Object.keys(row))
  if (prompt !== undefined && text !== undefined) throw rowNotOneInput(at, 'has a "prompt" and a "text", of which one is asked')
  if (completion === undefined) return { prompt: asked }
  if (typeof completion !== 'string') throw rowNotOneInput(at, 'has a "completion" that is no text')
  return { prompt: asked, completion }
}

/** Undefined for a line that is no JSON. */
const jsonOf = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
