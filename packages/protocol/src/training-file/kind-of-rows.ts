import { textOfLine } from './line.ts'
import { type RowKind, readRow } from './row.ts'

/** Of a file whose encoding shows in its first bytes; what reads bytes drops it. */
const mark = /^\ufeff/

/** The kind of a file's first row, which is that of all; undefined of a file without rows. Errors: as `readRow`. */
export function kindOfRows(content: string | Uint8Array): RowKind | undefined {
  let line = 0
  for (let at = 0; at < content.length; ) {
    const newline = typeof content === 'string' ? content.indexOf('\n', at) : content.indexOf(10, at)
    const end = newline < 0 ? content.length : newline
    line += 1
    const text = typeof content === 'string' ? content.slice(at, end).replace(mark, '') : textOfLine(content.subarray(at, end), line)
    if (text.trim()) return readRow(text, line).kind
    at = end + 1
  }
  return undefined
}
