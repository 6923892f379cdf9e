import type { TrainingRow } from '../training-file/row.ts'
import { longestProbe, mostProbes, type Probe } from './probe.ts'

/**
 * Up to 64 different inputs of training rows, evenly spaced, without their answers. Where all completions begin alike and do not all say the same, that beginning
 * goes along: it is the answers' frame, and says nothing of any one of them.
 */
export const probesOfRows = (rows: readonly TrainingRow[]): Probe[] => {
  const opening = commonBeginning(new Set(rows.flatMap((row) => answerOf(row) ?? [])))
  const different = [...new Map(rows.flatMap((row) => inputOf(row, opening)).map((probe) => [JSON.stringify(probe), probe])).values()]
  const count = Math.min(mostProbes, different.length)
  return Array.from({ length: count }, (_, i) => different[Math.floor((i * different.length) / count)]!)
}

/** Of what is too long the end of a prompt, where its question is, and the beginning of a text. */
const inputOf = (row: TrainingRow, opening: string): Probe[] => {
  const frame = opening === '' ? {} : { opening }
  switch (row.kind) {
    case 'text':
    case 'label':
      return [{ text: row.text.slice(0, longestProbe) }]
    case 'document':
      return [{ text: row.document.slice(0, longestProbe) }]
    case 'tokens':
      return [{ tokens: row.tokens.slice(0, 1024).map((token) => token.slice(0, 256)) }]
    case 'pair':
      return row.prompt ? [{ prompt: row.prompt.slice(-longestProbe) }] : []
    case 'completion':
      return row.prompt === '' ? [] : [{ prompt: row.prompt.slice(-longestProbe), ...frame }]
    case 'messages': {
      const messages = row.messages.slice(0, -1).map(({ role, content }) => ({ role, content }))
      const fits = messages.length > 0 && messages.length <= 64 && messages.every(({ content }) => content.length <= longestProbe)
      return fits ? [{ messages, ...frame }] : []
    }
  }
}

const answerOf = (row: TrainingRow): string | undefined => {
  if (row.kind === 'messages') return row.messages.at(-1)?.content
  if (row.kind !== 'completion') return undefined
  return typeof row.completion === 'string' ? row.completion : row.completion.map(({ text }) => text).join('')
}

const commonBeginning = (answers: ReadonlySet<string>): string => {
  const [first, ...others] = answers
  // One answer to everything would be given away.
  if (first === undefined || others.length === 0) return ''
  let length = first.length
  for (const other of others) {
    let at = 0
    while (at < length && first[at] === other[at]) at++
    length = at
  }
  return first.slice(0, Math.min(length, longestProbe))
}
