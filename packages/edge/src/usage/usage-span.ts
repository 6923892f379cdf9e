import { timeOfDate } from '@weft/protocol'
import * as z from 'zod/mini'
import { invalidDays } from './errors.ts'
import { dayOf } from './usage-recorder.ts'

const day = z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}$/, 'expected a day such as "2026-11-26" (UTC)'))

/** `?from=2026-11-01&to=2026-11-26`: days in UTC, both included; the last 30 without them. */
export const daysQuery = z.strictObject({ from: z.optional(day), to: z.optional(day) })

const DAY_MS = 86_400_000
const usualDays = 30
/** Most days that one question may span. */
const longestSpan = 366

/** Errors 400 `invalid_request`. @param now milliseconds */
export function spanOf({ from, to }: z.infer<typeof daysQuery>, now: number): { from: string; to: string } {
  const last = to ?? dayOf(now)
  const end = millisecondsOf(last, 'to')
  const first = from ?? dayOf(end - (usualDays - 1) * DAY_MS)
  const start = millisecondsOf(first, 'from')
  if (start > end) throw invalidDays(`${first} is after ${last}`, 'from')
  if ((end - start) / DAY_MS >= longestSpan) throw invalidDays(`${first} to ${last} are more than ${longestSpan} days`, 'from')
  return { from: first, to: last }
}

function millisecondsOf(text: string, param: string): number {
  const at = timeOfDate(text)
  if (at === undefined) throw invalidDays(`there is no day ${text}`, param)
  return at
}
