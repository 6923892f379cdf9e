import { type NumberedRow, TrainingFileReader, type TrainingRow } from '@weft/protocol'

/** Rows of a training file that probes are chosen from: the first ones, of a file that has more. */
const chosenFrom = 20_000

/** Reads no further than it has to. */
export async function firstRows(content: ReadableStream<Uint8Array>): Promise<TrainingRow[]> {
  const reader = new TrainingFileReader('training')
  const rows: NumberedRow[] = []
  for await (const piece of content) {
    rows.push(...reader.push(piece))
    if (rows.length >= chosenFrom) return rows.slice(0, chosenFrom).map(({ row }) => row)
  }
  return [...rows, ...reader.end().rows].map(({ row }) => row)
}
