import type { TrainingRow } from '../training-file/row.ts'
import { textWithCalls } from '../wire/inference/messages.ts'
import { type AnsweredProbe, longestProbe, mostProbes, type Probe } from './probe.ts'

/**
 * Up to 64 different inputs of training rows, evenly spaced, without their answers. Where all completions begin alike and do not all say the same, that beginning
 * goes along: it is the answers' frame, and says nothing of any one of them.
 */
export const probesOfRows = (rows: readonly TrainingRow[]): Probe[] => {
  const opening = commonBeginning(new Set(rows.flatMap((row) => answerOf(row) ?? [])))
  return spread(rows.flatMap((row) => inputOf(row, opening === '' ? {} : { opening })))
}

/**
 * What the others of a stack that is settled are silent on: up to 64 of the rows with their answers, every token of which counts, and the probes that the adapter
 * carries besides. A settlement has its adapters' training files, and they are one tenant's.
 */
export const settledProbes = (rows: readonly TrainingRow[], carried: readonly Probe[]): AnsweredProbe[] => {
  const answered = spread(
    rows.flatMap((row): AnsweredProbe[] => {
      const answer = answerOf(row)
      return inputOf(row, {}).map((probe) => (answer === undefined ? probe : ({ ...probe, answer: beginningOf(answer) } as AnsweredProbe)))
    }),
  )
  const asked = new Set(answered.map(inputKey))
  return [...answered, ...carried.filter((probe) => !asked.has(inputKey(probe)))]
}

/** Without the answer, or what it begins with. */
const inputKey = (probe: AnsweredProbe): string => JSON.stringify({ ...probe, opening: undefined, answer: undefined })

const spread = <T>(probes: readonly T[]): T[] => {
  const different = [...new Map(probes.map((probe) => [JSON.stringify(probe), probe])).values()]
  const count = Math.min(mostProbes, different.length)
  return Array.from({ length: count }, (_, i) => different[Math.floor((i * different.length) / count)]!)
}

/** Texts that are cut, and never within a character: half of one is no text, and would be read as another. */
const beginningOf = (text: string, most = longestProbe): string => text.slice(0, most).replace(/[\ud800-\udbff]$/, '')
const endOf = (text: string): string => text.slice(-longestProbe).replace(/^[\udc00-\udfff]/, '')

/** Of what is too long the end of a prompt, where its question is, and the beginning of a text. */
const inputOf = (row: TrainingRow, frame: { opening?: string }): Probe[] => {
  switch (row.kind) {
    case 'text':
    case 'label':
      return [{ text: beginningOf(row.text) }]
    case 'document':
      return [{ text: beginningOf(row.document) }]
    case 'tokens':
      return [{ tokens: row.tokens.slice(0, 1024).map((token) => beginningOf(token, 256)) }]
    case 'pair':
      return row.prompt ? [{ prompt: endOf(row.prompt) }] : []
    case 'completion':
      return row.prompt === '' ? [] : [{ prompt: endOf(row.prompt), ...frame }]
    case 'messages': {
      // Without the functions that may be called, which are the same in most rows.
      const messages = row.messages.slice(0, -1).map((message) => ({ role: message.role, content: textWithCalls(message) }))
      const fits = messages.length > 0 && messages.length <= 64 && messages.every(({ content }) => content.length <= longestProbe)
      return fits ? [{ messages, ...frame }] : []
    }
  }
}

const answerOf = (row: TrainingRow): string | undefined => {
  if (row.kind === 'messages') return textWithCalls(row.messages.at(-1)!)
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
  // Not its last blanks: a tokenizer joins them with what follows, and behind them the adapter would be asked what it never was.
  return beginningOf(first, Math.min(length, longestProbe)).trimEnd()
}
