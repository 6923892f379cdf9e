import * as z from 'zod/mini'
import type { $ZodCheck, ParsePayload } from 'zod/v4/core'

/** Faults after which the rest of a list is not looked at: as many as an error tells. */
const mostFaults = 8

/** A list of up to a million items that stay as they are. Each that is wrong costs many times what a good one does, so the first few are told, and no more sought. */
export function longListOf<T extends z.ZodMiniType>(item: T, ...checks: $ZodCheck<z.output<T>[]>[]): z.ZodMiniArray<T> {
  const schema = z.array(item).check(...checks)
  const { parse } = schema._zod
  schema._zod.parse = (payload, context) => {
    const items: unknown = payload.value
    if (!Array.isArray(items)) return parse(payload, context)
    for (let i = 0; i < items.length && payload.issues.length < mostFaults; i++) {
      const { issues } = item._zod.run({ value: items[i], issues: [] }, context) as ParsePayload
      for (const issue of issues) payload.issues.push({ ...issue, path: [i, ...(issue.path ?? [])] })
    }
    return payload
  }
  return schema
}
