import { routeNameSchema } from '@weft/adapters'
import type { WeftClient } from '@weft/client'
import { isWeftError, type RouteObject } from '@weft/protocol'

/** What a text is asked with where neither the command line nor a route says it: a small model's likeliest tokens go round in circles. */
export const usualSampling = { temperature: 0.7, maxTokens: 128 }

type Sampling = { [K in keyof typeof usualSampling]?: number }

/** The sampling of a request: what was said, and for the rest what is usual, but for what a route says itself, which the edge puts in. */
export async function withUnsaid(weft: Pick<WeftClient, 'routes'>, expression: string, { temperature, maxTokens }: Sampling): Promise<Sampling> {
  const said = { ...(temperature === undefined ? {} : { temperature }), ...(maxTokens === undefined ? {} : { maxTokens }) }
  if (temperature !== undefined && maxTokens !== undefined) return said
  const { defaults, policy } = (await routeNamed(weft, expression)) ?? {}
  const unsaid: Sampling = {
    ...(defaults?.temperature == null && { temperature: usualSampling.temperature }),
    // What nobody asked for is not refused for its length.
    ...(defaults?.maxTokens == null && { maxTokens: Math.min(usualSampling.maxTokens, policy?.maxTokens ?? usualSampling.maxTokens) }),
  }
  return { ...unsaid, ...said }
}

/** A route stands alone: only what can be the name of one is asked for. */
async function routeNamed({ routes }: Pick<WeftClient, 'routes'>, expression: string): Promise<RouteObject | undefined> {
  const name = expression.trim()
  if (!routeNameSchema.safeParse(name).success) return undefined
  return routes.get(name).catch((error: unknown) => {
    if (!isWeftError(error) || error.status !== 404) throw error
    return undefined
  })
}
