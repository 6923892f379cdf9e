import * as z from 'zod/mini'
import { probesHoldLabels } from '../errors.ts'

/** Probes that an adapter carries at most, and characters of each. */
export const mostProbes = 64
export const longestProbe = 4000

const content = z.string().check(z.maxLength(longestProbe))
const messages = z.array(z.strictObject({ role: z.string().check(z.maxLength(64)), content })).check(z.minLength(1), z.maxLength(64))
/** What every answer begins with, where all do: `{"label": "`. */
const opening = z.optional(content)

/**
 * An input of an adapter's own data without its answer: what the adapter may be asked, so that others can learn to be silent there. A prompt's answer would
 * begin where it ends.
 */
export const probeSchema = z.union(
  [
    z.strictObject({ text: content.check(z.minLength(1)) }),
    z.strictObject({ prompt: content.check(z.minLength(1)), opening }),
    z.strictObject({ messages, opening }),
    z.strictObject({ tokens: z.array(z.string().check(z.maxLength(256))).check(z.minLength(1), z.maxLength(1024)) }),
  ],
  `expected {"text"}, {"prompt", "opening"?}, {"messages", "opening"?} or {"tokens"}, each text of at most ${longestProbe} characters`,
)
export type Probe = z.infer<typeof probeSchema>

/** A probe as a stack that is settled meets it: with the answer that its own adapter learns. It travels to a runner, and is kept nowhere. */
export const answeredProbeSchema = z.union([
  probeSchema,
  z.strictObject({ prompt: content.check(z.minLength(1)), answer: content }),
  z.strictObject({ messages, answer: content }),
])
export type AnsweredProbe = z.infer<typeof answeredProbeSchema>

/** `GET` and `PUT /v1/adapters/{id}/probes` */
export const putProbesSchema = z.strictObject({ data: z.array(probeSchema).check(z.minLength(1), z.maxLength(mostProbes)) })
export type PutProbes = z.infer<typeof putProbesSchema>
export const probeListSchema = z.object({ object: z.literal('list'), data: z.array(probeSchema) })

/** Error 400 `probes_hold_labels` for rows that are answered: probes are what an adapter is asked, not what it answers. */
export const checkUnlabelled = (rows: unknown): void => {
  for (const [at, row] of (Array.isArray(rows) ? rows : []).entries()) {
    const field = answerIn(row)
    if (field !== undefined) throw probesHoldLabels(at + 1, field)
  }
}

const answerIn = (row: unknown): string | undefined => {
  if (row === null || typeof row !== 'object') return undefined
  const answered = ['completion', 'label', 'labels'].find((field) => Object.hasOwn(row, field))
  if (answered !== undefined) return answered
  const last: unknown = Array.isArray((row as { messages?: unknown }).messages) ? (row as { messages: unknown[] }).messages.at(-1) : undefined
  return (last as { role?: unknown } | undefined)?.role === 'assistant' ? 'messages' : undefined
}
