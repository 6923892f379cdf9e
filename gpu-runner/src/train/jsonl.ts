import { classOf } from '@weft/core'
import { z } from 'zod'
import { emptyFile, fileTooLarge, malformedLine } from './errors.ts'

const message = z.object({ role: z.enum(['system', 'user', 'assistant', 'tool', 'developer']), content: z.string() })
const weight = z.number().nonnegative().optional()

/** A completion in parts, each with the loss weight of its tokens. */
const parts = z.array(z.strictObject({ text: z.string(), weight: z.number().nonnegative().default(1) })).min(1)

const label = z.union([z.string(), z.number().int()]).transform(String)
/** Several tasks may share one prompt: their classes are `<task>/<label>`. */
const task = z.string().regex(/^[^/]+$/).optional()
/** torch's ignore_index: data sets mark with it what has no label. */
const unlabelled = z.literal(-100).transform(() => null)

const rowSchema = z.union([
  z.strictObject({ text: z.string(), label, task, weight }).transform((row) => ({ ...row, label: classOf(row.label, row.task) })),
  z.strictObject({ tokens: z.array(z.string()).min(1), labels: z.array(z.union([unlabelled, z.null(), label])), task, weight })
    .refine(({ tokens, labels }) => tokens.length === labels.length)
    .transform((row) => ({ ...row, labels: row.labels.map((each) => each && classOf(each, row.task)) })),
  z.strictObject({ text: z.string(), weight }),
  z.strictObject({ prompt: z.string(), completion: z.string(), weight }).transform((row): { prompt: string; completion: string; weight?: number; parts?: z.infer<typeof parts> } => row),
  z.strictObject({ prompt: z.string(), completion: parts, weight })
    .transform(({ completion, ...row }) => ({ ...row, completion: completion.map(({ text }) => text).join(''), parts: completion })),
  z.strictObject({ messages: z.array(message).min(1), weight }),
])

/** A training row as it stands in the file; `weight` multiplies the loss of all its tokens. */
export type TrainingRow = z.infer<typeof rowSchema>
export interface NumberedRow { line: number; row: TrainingRow }

export const MAX_FILE_BYTES = 256 * 1024 * 1024

/**
 * Reads JSON Lines. Blank lines are skipped, everything else must be one of the kinds of row there are.
 * @param file how errors name it: `training` or `validation`
 * @throws TrainingError `empty_file`, `file_too_large` or `malformed_line` with the line's number
 */
export const parseRows = (file: string, content: string | Uint8Array, maxBytes = MAX_FILE_BYTES): NumberedRow[] => {
  if (content.length > maxBytes) throw fileTooLarge(file, content.length, maxBytes)
  const text = typeof content === 'string' ? content : decode(file, content)
  const rows: NumberedRow[] = []
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    rows.push({ line: i + 1, row: parseRow(file, i + 1, line) })
  }
  if (rows.length === 0) throw emptyFile(file)
  return rows
}

const decode = (file: string, bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    const valid = new TextDecoder().decode(bytes)
    throw malformedLine(file, valid.slice(0, valid.indexOf('\uFFFD')).split('\n').length, 'is not valid UTF-8')
  }
}

const parseRow = (file: string, line: number, text: string): TrainingRow => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw malformedLine(file, line, `is not JSON (${(cause as Error).message})`)
  }
  const parsed = rowSchema.safeParse(value)
  if (!parsed.success) throw malformedLine(file, line, describe(value))
  return parsed.data
}

const describe = (value: unknown): string => {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return 'is not an object'
  const { tokens, labels } = value as Record<string, unknown>
  if (Array.isArray(tokens) && Array.isArray(labels) && tokens.length !== labels.length) return `has ${tokens.length} tokens and ${labels.length} labels`
  const keys = Object.keys(value)
  return keys.length === 0 ? 'is an empty object' : `has ${keys.map(k => JSON.stringify(k)).join(', ')}, or one of them has the wrong type`
}
