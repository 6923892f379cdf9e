import { readFileSync } from 'node:fs'
import { type NumberedRow, TrainingFileReader } from '@weft/protocol'
import { contrastUnusable } from '../errors.ts'
import type { Pair } from './pair.ts'

/** What an error calls the file. */
type TrainingFile = ConstructorParameters<typeof TrainingFileReader>[0]

/** Errors 400 `contrast_unusable`, `training_file_*`. */
export const pairsOf = (path: string, file: TrainingFile): Pair[] =>
  rowsOf(path, file).map(({ line, row }) => {
    if (row.kind !== 'pair') throw contrastUnusable(`${path}, line ${line}, has no {"positive", "negative"}`)
    return row
  })

/** Errors 400 `contrast_unusable`, `training_file_*`. */
export const textsOf = (path: string): string[] =>
  rowsOf(path, 'reference').map(({ line, row }) => {
    if (row.kind !== 'text') throw contrastUnusable(`${path}, line ${line}, is no {"text"}`)
    return row.text
  })

const rowsOf = (path: string, file: TrainingFile): NumberedRow[] => {
  const reader = new TrainingFileReader(file)
  return [...reader.push(readFileSync(path)), ...reader.end().rows]
}
