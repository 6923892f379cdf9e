import { quantileOf, type Sample, sumOf } from './samples.ts'

/** What an operator looks at first. Rates are of the time between two scrapes, and absent at the first. */
export interface Summary {
  running: number
  waiting: number
  /** 0 to 1; of several runners the mean. */
  cacheUse: number
  compositions: number
  compositionBytes: number
  /** Of all prompt tokens that were looked up, those that were found; since the start. */
  prefixHits: number | null
  sessionBuilds: number
  jobs: { running: number; queued: number }
  answered: number
  failed: number
  promptTokensPerS: number | null
  generatedTokensPerS: number | null
  requestsPerS: number | null
  /** Seconds. */
  firstToken: { p50: number | null; p95: number | null }
  interToken: { p50: number | null; p95: number | null }
  tenants: { tenant: string; route: string; requests: number; tokens: number }[]
}

export interface Scrape {
  samples: readonly Sample[]
  /** Milliseconds. */
  at: number
}

export function summaryOf(now: Scrape, before?: Scrape): Summary {
  const { samples } = now
  const rate = (name: string): number | null =>
    before ? Math.max(0, sumOf(samples, name) - sumOf(before.samples, name)) / ((now.at - before.at) / 1000) : null
  const times = (name: string) => ({
    p50: quantileOf(0.5, name, samples, before?.samples) ?? null,
    p95: quantileOf(0.95, name, samples, before?.samples) ?? null,
  })
  const runners = Math.max(1, new Set(samples.filter(({ name }) => name === 'vllm:kv_cache_usage_perc').map(({ labels }) => labels.runner)).size)
  const queries = sumOf(samples, 'vllm:prefix_cache_queries_total')
  const who = new Map(
    samples
      .filter(({ name }) => name === 'vllm:request_success_total')
      .map(({ labels: { tenant = '', route = '' } }) => [`${tenant} ${route}`, { tenant, route }]),
  )
  return {
    running: sumOf(samples, 'vllm:num_requests_running'),
    waiting: sumOf(samples, 'vllm:num_requests_waiting'),
    cacheUse: sumOf(samples, 'vllm:kv_cache_usage_perc') / runners,
    compositions: sumOf(samples, 'weft:compositions_held'),
    compositionBytes: sumOf(samples, 'weft:composition_bytes'),
    prefixHits: queries === 0 ? null : sumOf(samples, 'vllm:prefix_cache_hits_total') / queries,
    sessionBuilds: sumOf(samples, 'weft:session_builds_total'),
    jobs: { running: sumOf(samples, 'weft:training_jobs', { status: 'running' }), queued: sumOf(samples, 'weft:training_jobs', { status: 'queued' }) },
    answered: sumOf(samples, 'vllm:request_success_total'),
    failed: sumOf(samples, 'weft:request_failures_total'),
    promptTokensPerS: rate('vllm:prompt_tokens_total'),
    generatedTokensPerS: rate('vllm:generation_tokens_total'),
    requestsPerS: rate('vllm:request_success_total'),
    firstToken: times('vllm:time_to_first_token_seconds'),
    interToken: times('vllm:inter_token_latency_seconds'),
    tenants: [...who.values()]
      .map(({ tenant, route }) => ({
        tenant,
        route,
        requests: sumOf(samples, 'vllm:request_success_total', { tenant, route }),
        tokens: sumOf(samples, 'vllm:generation_tokens_total', { tenant, route }),
      }))
      .sort((a, b) => b.tokens - a.tokens),
  }
}
