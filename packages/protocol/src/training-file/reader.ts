import { type TrainingFileName, trainingFileError } from '../errors.ts'
import { lineTooLong, textOfLine } from './line.ts'
import { type RowKind, readRow, rowForms, type TrainingRow } from './row.ts'

/** A row and where it stands, for errors; lines count from 1, blank ones too. */
export interface NumberedRow {
  line: number
  row: TrainingRow
}

/** What a training file holds, after all of it has been checked. */
interface TrainingFileSummary {
  kind: RowKind
  rows: number
  bytes: number
  /** Labels in order of their first row, and the line of that row; only where rows have labels. */
  labels: string[]
  labelLines: Map<string, number>
}

export const trainingFileLimits = {
  bytes: 256 * 1024 * 1024,
  lineBytes: 1024 * 1024,
  rows: 1_000_000,
  labels: 1000,
}

type TrainingFileLimits = typeof trainingFileLimits

/** Bytes that are read before others get a turn: some milliseconds of the tiniest rows. */
const turnBytes = 1 << 16

/**
 * Checks a JSONL file as its bytes arrive, in time that grows with its length alone, and never holds more than a line of it:
 * `push` each chunk, then `end`. Errors are 400 `training_file_*` and carry `details.line`.
 */
export class TrainingFileReader {
  readonly #file: TrainingFileName
  readonly #limits: TrainingFileLimits
  /** A line's beginning, which earlier chunks brought. */
  #pending: Uint8Array[] = []
  #pendingBytes = 0
  #line = 0
  #rows = 0
  #bytes = 0
  #kind: RowKind | undefined
  #kindLine = 0
  readonly #labels = new Map<string, number>()

  constructor(file: TrainingFileName = 'training', limits: Partial<TrainingFileLimits> = {}) {
    this.#file = file
    this.#limits = { ...trainingFileLimits, ...limits }
  }

  /** The rows completed by this chunk. */
  push(chunk: Uint8Array): NumberedRow[] {
    this.#bytes += chunk.length
    if (this.#bytes > this.#limits.bytes) throw this.#error('too_large', `it is larger than ${this.#limits.bytes} bytes; split it or train on a sample`)
    const rows: NumberedRow[] = []
    let start = 0
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, start)) {
      this.#finishLine(chunk.subarray(start, at), rows)
      start = at + 1
      // Runs of empty lines, one step each.
      while (chunk[start] === 10) {
        this.#line++
        start++
      }
    }
    this.#hold(chunk.subarray(start))
    return rows
  }

  /** The last row, when the file does not end in a newline, and the summary. */
  end(): { rows: NumberedRow[]; summary: TrainingFileSummary } {
    const rows: NumberedRow[] = []
    this.#finishLine(new Uint8Array(0), rows)
    if (this.#kind === undefined) throw this.#error('empty', `it has no rows; expected a line for each row, of ${rowForms}`)
    return {
      rows,
      summary: { kind: this.#kind, rows: this.#rows, bytes: this.#bytes, labels: [...this.#labels.keys()], labelLines: this.#labels },
    }
  }

  #error(code: string, why: string, line?: number) {
    return trainingFileError(`training_file_${code}`, { file: this.#file, line }, why)
  }

  #hold(part: Uint8Array): void {
    if (!part.length) return
    this.#checkLength(part.length, this.#line + 1)
    this.#pendingBytes += part.length
    // Copied: a stream may reuse its buffer for the next chunk.
    this.#pending.push(new Uint8Array(part))
  }

  #checkLength(more: number, line: number): void {
    if (this.#pendingBytes + more > this.#limits.lineBytes) throw lineTooLong(this.#limits.lineBytes, line, this.#file)
  }

  #finishLine(rest: Uint8Array, rows: NumberedRow[]): void {
    const line = ++this.#line
    this.#checkLength(rest.length, line)
    if (this.#pendingBytes === 0 && rest.every(isSpace)) return
    const text = this.#decode(rest)
    if (!text.trim()) return
    const row = readRow(text, line, this.#file)
    if (this.#kind === undefined) {
      this.#kind = row.kind
      this.#kindLine = line
    } else if (row.kind !== this.#kind) {
      throw this.#error('mixed', `this row is a "${row.kind}" row, line ${this.#kindLine} a "${this.#kind}" row; all rows of a file are of one kind`, line)
    }
    if (++this.#rows > this.#limits.rows) throw this.#error('too_many_rows', `it has more than ${this.#limits.rows} rows; train on a sample`, line)
    if (row.kind === 'label') this.#meet(row.label)
    if (row.kind === 'tokens') for (const label of row.labels) if (label !== null) this.#meet(label)
    rows.push({ line, row })
  }

  /** The line's text: what was held of it, and the rest. */
  #decode(rest: Uint8Array): string {
    let bytes = rest
    if (this.#pendingBytes > 0) {
      bytes = new Uint8Array(this.#pendingBytes + rest.length)
      let at = 0
      for (const part of [...this.#pending, rest]) {
        bytes.set(part, at)
        at += part.length
      }
      this.#pending = []
      this.#pendingBytes = 0
    }
    return textOfLine(bytes, this.#line, this.#file)
  }

  #meet(label: string): void {
    if (!this.#labels.has(label)) this.#labels.set(label, this.#line)
    if (this.#labels.size > this.#limits.labels) {
      throw this.#error('too_many_labels', `more than ${this.#limits.labels} different labels; is "label" a class?`, this.#line)
    }
  }
}

/** Bytes in pieces, with a turn for others after each: a file may take seconds, and nobody else waits for it. */
export async function* inTurns(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let read = 0
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += turnBytes) {
      const piece = chunk.subarray(at, at + turnBytes)
      yield piece
      read += piece.length
      if (read < turnBytes) continue
      read = 0
      await new Promise<void>((resolve) => setTimeout(resolve))
    }
  }
}

const isSpace = (byte: number): boolean => byte === 32 || byte === 9 || byte === 13

/** Checks a whole stream and keeps none of it. */
export async function checkTrainingFile(chunks: AsyncIterable<Uint8Array>, limits?: Partial<TrainingFileLimits>): Promise<TrainingFileSummary> {
  const reader = new TrainingFileReader('training', limits)
  for await (const piece of inTurns(chunks)) reader.push(piece)
  return reader.end().summary
}

/** Rows and summary of a file that is in memory. */
export async function readTrainingRows(
  content: string | Uint8Array,
  { file = 'training', limits = {} }: { file?: TrainingFileName; limits?: Partial<TrainingFileLimits> } = {},
): Promise<{ rows: NumberedRow[]; summary: TrainingFileSummary & { file: TrainingFileName } }> {
  const reader = new TrainingFileReader(file, limits)
  const rows: NumberedRow[] = []
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  for await (const piece of inTurns([bytes])) for (const row of reader.push(piece)) rows.push(row)
  const end = reader.end()
  return { rows: rows.concat(end.rows), summary: { file, ...end.summary } }
}
