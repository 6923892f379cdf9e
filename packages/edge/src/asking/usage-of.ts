import { isWeftError } from '@weft/protocol'
import type { MeantRoute, ResolvedModel } from '../resolve/resolve-model.ts'
import type { Cost } from '../runner/meter.ts'
import type { UsageKey, UsageSum } from '../stores/usage.ts'

/** What is noted of one request: under what, and how much. @param found what answered, as far as it was resolved */
export function usageOf(
  found: (MeantRoute & Pick<ResolvedModel, 'twin'>) | undefined,
  { promptTokens, completionTokens, totalMs, firstTokenMs }: Cost,
  failure?: unknown,
  kind: UsageKey['kind'] = found?.twin === undefined ? 'answer' : 'twin',
): [key: Omit<UsageKey, 'day'>, sum: Partial<UsageSum>] {
  const key = { route: found?.route ?? '', version: found?.routeVersion ?? 0, variant: found?.variant ?? '', kind }
  if (failure !== undefined) {
    const limited = isWeftError(failure) && failure.code === 'rate_limit_exceeded' ? 1 : 0
    return [key, { requests: 1, failed: 1, limited, promptTokens, completionTokens }]
  }
  return [key, { requests: 1, promptTokens, completionTokens, totalMs, ...(firstTokenMs === undefined ? {} : { streamed: 1, firstTokenMs }) }]
}
