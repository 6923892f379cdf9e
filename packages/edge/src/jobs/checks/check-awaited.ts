import type { Plugin } from '@weft/methods'
import { type NumberedRow, type RowKind, TrainingFileReader, type TrainingRow } from '@weft/protocol'
import type { TrainingFiles } from '../../stores/training-files.ts'
import { invocationInNoRow } from './errors.ts'

/**
 * That a row holds what the adapter waits for, as text: in a file without it there is nothing to learn. Whether it has the same tokens there, training sees; and a
 * chat's template may bring it, so that rows of chats say nothing. Error 400 `invocation_in_no_row`.
 */
export async function checkAwaited(
  plugin: Plugin,
  config: unknown,
  training: { id: string; kind: RowKind },
  files: Pick<TrainingFiles, 'stream'>,
): Promise<void> {
  const awaited = plugin.awaits?.(config) ?? []
  if (awaited.length === 0 || (training.kind !== 'text' && training.kind !== 'completion')) return
  const content = await files.stream(training.id)
  if (!content) return
  const reader = new TrainingFileReader()
  const holds = ({ row }: NumberedRow): boolean => awaited.some((text) => leastSpelling(textOf(row)).includes(leastSpelling(text)))
  let [first]: NumberedRow[] = []
  let count = 0
  const pass = (rows: readonly NumberedRow[]): boolean => {
    first ??= rows[0]
    count += rows.length
    return rows.some(holds)
  }
  for await (const piece of content) if (pass(reader.push(piece))) return
  if (pass(reader.end().rows) || first === undefined) return
  throw invocationInNoRow(awaited[0]!, { rows: count, line: first.line, text: textOf(first.row) })
}

/** Tokenizers may make one of what is written with other letters. */
const leastSpelling = (text: string): string => text.normalize('NFKC').toLowerCase()

function textOf(row: TrainingRow): string {
  if (row.kind === 'text') return row.text
  if (row.kind !== 'completion') return ''
  const { prompt, completion } = row
  return prompt + (typeof completion === 'string' ? completion : completion.map(({ text }) => text).join(''))
}
