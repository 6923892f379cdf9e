/** What requests of one kind came to, in one day. */
export interface UsageSum {
  requests: number
  failed: number
  /** Of the failed, those that a limit turned away. */
  limited: number
  promptTokens: number
  completionTokens: number
  /** Milliseconds of all that did not fail. */
  totalMs: number
  /** How many of them streamed a token. */
  streamed: number
  /** Milliseconds to their first token. */
  firstTokenMs: number
}

/** What is summed up together. */
export interface UsageKey {
  /** `2026-11-26`, UTC. */
  day: string
  /** Empty where a request named none. */
  route: string
  /** Of the route; 0 where it has none. */
  version: number
  /** Empty where the route has none. */
  variant: string
  kind: 'answer' | 'twin' | 'shadow' | 'gate'
}

export type UsageRow = UsageKey & UsageSum

export interface UsagePage {
  /** First and last day. */
  from: string
  to: string
  route?: string | undefined
}

/** What one tenant's requests came to. */
export interface TenantUsage {
  list(page: UsagePage): Promise<UsageRow[]>
}

/** Notes what came to, of every tenant in one write; no request gets hold of this. */
export interface AllUsage {
  add(rows: readonly (UsageRow & { tenant: string })[]): Promise<void>
}

export const counted = ['requests', 'failed', 'limited', 'promptTokens', 'completionTokens', 'totalMs', 'streamed', 'firstTokenMs'] as const
