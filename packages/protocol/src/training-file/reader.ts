import { trainingFileError } from '../errors.ts'
import { type RowKind, readRow, type TrainingRow } from './row.ts'

/** What a training file holds, after all of it has been checked. */
export interface TrainingFileSummary {
  kind: RowKind
  rows: number
  bytes: number
  /** Labels in order of their first row, and how many rows (of `{tokens, labels}`, how many tokens) each has; only where rows have labels. */
  labels: string[]
  labelCounts: Record<string, number>
}

export const trainingFileLimits = {
  bytes: 256 * 1024 * 1024,
  lineBytes: 1024 * 1024,
  rows: 1_000_000,
  labels: 1000,
} as const

export type TrainingFileLimits = { -readonly [K in keyof typeof trainingFileLimits]: number }

/**
 * Checks a JSONL file as its bytes arrive and never holds more than a line of it: `push` each chunk, then `end`.
 * Errors are 400 `training_file_*` and carry `details.line`.
 */
export class TrainingFileReader {
  readonly #limits: TrainingFileLimits
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })
  #pending: Uint8Array[] = []
  #pendingBytes = 0
  #line = 0
  #rows = 0
  #bytes = 0
  #kind: RowKind | undefined
  #kindLine = 0
  readonly #labels = new Map<string, number>()

  constructor(limits: Partial<TrainingFileLimits> = {}) {
    this.#limits = { ...trainingFileLimits, ...limits }
  }

  /** The rows completed by this chunk. */
  push(chunk: Uint8Array): TrainingRow[] {
    this.#bytes += chunk.length
    if (this.#bytes > this.#limits.bytes) {
      throw trainingFileError('training_file_too_large', null, `it is larger than ${this.#limits.bytes} bytes; split it or train on a sample`)
    }
    const rows: TrainingRow[] = []
    let start = 0
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, start)) {
      this.#hold(chunk.subarray(start, at))
      this.#finishLine(rows)
      start = at + 1
    }
    this.#hold(chunk.subarray(start))
    return rows
  }

  /** The last row, when the file does not end in a newline, and the summary. */
  end(): { rows: TrainingRow[]; summary: TrainingFileSummary } {
    const rows: TrainingRow[] = []
    if (this.#pendingBytes > 0) this.#finishLine(rows)
    if (this.#kind === undefined) {
      throw trainingFileError('training_file_empty', null, 'it has no rows; expected JSON lines like {"text": "…"}')
    }
    return {
      rows,
      summary: {
        kind: this.#kind,
        rows: this.#rows,
        bytes: this.#bytes,
        labels: [...this.#labels.keys()],
        labelCounts: Object.fromEntries(this.#labels),
      },
    }
  }

  #hold(part: Uint8Array): void {
    this.#pendingBytes += part.length
    if (this.#pendingBytes > this.#limits.lineBytes) {
      throw trainingFileError('training_file_line_too_long', this.#line + 1, `it has more than ${this.#limits.lineBytes} bytes; split the document`)
    }
    // Copied: a stream may reuse its buffer for the next chunk.
    if (part.length) this.#pending.push(new Uint8Array(part))
  }

  #finishLine(rows: TrainingRow[]): void {
    this.#line++
    const text = this.#takeText()
    if (!text.trim()) return
    const row = readRow(text, this.#line)
    if (this.#kind === undefined) {
      this.#kind = row.kind
      this.#kindLine = this.#line
    } else if (row.kind !== this.#kind) {
      throw trainingFileError(
        'training_file_mixed',
        this.#line,
        `this row is a "${row.kind}" row, line ${this.#kindLine} a "${this.#kind}" row; all rows of a file are of one kind`,
      )
    }
    if (++this.#rows > this.#limits.rows) {
      throw trainingFileError('training_file_too_many_rows', this.#line, `it has more than ${this.#limits.rows} rows; train on a sample`)
    }
    if (row.kind === 'label') this.#count(row.label)
    if (row.kind === 'tokens') for (const label of row.labels) if (label !== null) this.#count(label)
    rows.push(row)
  }

  #takeText(): string {
    const bytes = new Uint8Array(this.#pendingBytes)
    let at = 0
    for (const part of this.#pending) {
      bytes.set(part, at)
      at += part.length
    }
    this.#pending = []
    this.#pendingBytes = 0
    try {
      return this.#decoder.decode(bytes)
    } catch {
      throw trainingFileError('training_file_encoding', this.#line, 'it is not UTF-8')
    }
  }

  #count(label: string): void {
    this.#labels.set(label, (this.#labels.get(label) ?? 0) + 1)
    if (this.#labels.size > this.#limits.labels) {
      throw trainingFileError('training_file_too_many_labels', this.#line, `more than ${this.#limits.labels} different labels; is "label" a class?`)
    }
  }
}

/** Every row of a stream, one at a time; the generator returns the summary. */
export async function* trainingRows(chunks: AsyncIterable<Uint8Array>, limits?: Partial<TrainingFileLimits>): AsyncGenerator<TrainingRow, TrainingFileSummary> {
  const reader = new TrainingFileReader(limits)
  for await (const chunk of chunks) yield* reader.push(chunk)
  const { rows, summary } = reader.end()
  yield* rows
  return summary
}

/** Checks a whole stream and keeps none of it. */
export async function checkTrainingFile(chunks: AsyncIterable<Uint8Array>, limits?: Partial<TrainingFileLimits>): Promise<TrainingFileSummary> {
  const reader = new TrainingFileReader(limits)
  for await (const chunk of chunks) reader.push(chunk)
  return reader.end().summary
}

/** Rows and summary of a file that is in memory. */
export function readTrainingFile(bytes: Uint8Array, limits?: Partial<TrainingFileLimits>): { rows: TrainingRow[]; summary: TrainingFileSummary } {
  const reader = new TrainingFileReader(limits)
  const rows = reader.push(bytes)
  const end = reader.end()
  return { rows: rows.concat(end.rows), summary: end.summary }
}

/**
 * The classes of a classification job: the file's own, or those asked for, each of which needs rows.
 * @throws 400 `label_without_rows`, `label_unknown`, `labels_too_few`
 */
export function checkLabels(summary: TrainingFileSummary, asked?: readonly string[]): string[] {
  if (summary.kind !== 'label' && summary.kind !== 'tokens')
    throw trainingFileError('training_file_keys', null, 'classification needs {"text", "label"} or {"tokens", "labels"} rows')
  const labels = asked?.length ? [...asked] : [...summary.labels].sort()
  const absent = labels.filter((label) => !summary.labelCounts[label])
  if (absent.length)
    throw trainingFileError(
      'label_without_rows',
      null,
      `no row has the label ${absent.map((label) => `"${label}"`).join(', ')}; the file has ${summary.labels.map((label) => `"${label}"`).join(', ')}`,
    )
  const extra = summary.labels.filter((label) => !labels.includes(label))
  if (extra.length)
    throw trainingFileError(
      'label_unknown',
      null,
      `rows have the label ${extra.map((label) => `"${label}"`).join(', ')}, which is not among the labels asked for`,
    )
  if (labels.length < 2) throw trainingFileError('labels_too_few', null, `every row has the label "${labels[0]}"; a classifier needs at least two`)
  return labels
}
