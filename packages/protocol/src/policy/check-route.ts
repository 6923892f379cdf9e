import { parse, splitModel } from '@weft/adapters'
import type { RouteDefaults } from '../wire/adapters/routes.ts'
import type { Policy } from '../wire/policy/policy.ts'
import { askedOf } from './asked.ts'
import { type Contradiction, contradictionsOf } from './contradictions.ts'
import { refusalsOf } from './refusals.ts'

/** What a route says, in the config or over the API. */
export interface RouteText {
  composition?: string | undefined
  variants?: readonly { name: string; composition: string; weight: number }[] | undefined
  shadow?: { composition: string } | undefined
  defaults?: RouteDefaults | undefined
  policy?: Policy | undefined
}

/** Every expression of a route, by its path. */
export const compositionsOf = ({ composition, variants = [], shadow }: RouteText): { path: string; composition: string }[] => [
  ...(composition === undefined ? [] : [{ path: 'composition', composition }]),
  ...variants.map((variant, i) => ({ path: `variants[${i}].composition`, composition: variant.composition })),
  ...(shadow ? [{ path: 'shadow.composition', composition: shadow.composition }] : []),
]

/**
 * Where a route contradicts itself, its own policy refusing what it stands for included. What depends on the adapters' sizes is seen when they are known.
 * @param models names of base models, which may stand first
 */
export function contradictionsOfRoute(route: RouteText, models: readonly string[]): Contradiction[] {
  const { composition, variants, defaults, policy } = route
  const found: Contradiction[] = []
  if ((composition === undefined) === (variants === undefined))
    found.push({ path: 'composition', message: 'expected one of "composition" and "variants", which say what the route stands for' })
  if (variants?.every(({ weight }) => weight === 0)) found.push({ path: 'variants', message: 'every weight is 0, so none of them would answer' })
  const names = variants?.map(({ name }) => name) ?? []
  for (const [i, name] of names.entries()) if (names.indexOf(name) < i) found.push({ path: `variants[${i}].name`, message: `"${name}" is there twice` })
  if (!policy) return found
  found.push(...contradictionsOf(policy).map(({ path, message }) => ({ path: `policy.${path}`, message })))
  if (policy.weight !== undefined)
    found.push({ path: 'policy.weight', message: "it is a tenant's share of a runner's time, and a route has none: set it in the tenant's policy" })
  if (policy.maxTokens !== undefined && (defaults?.maxTokens ?? 0) > policy.maxTokens)
    found.push({ path: 'defaults.max_tokens', message: `it is ${defaults!.maxTokens}, and policy.max_tokens allows ${policy.maxTokens}` })
  for (const { path, composition } of compositionsOf(route)) {
    const { rest } = splitModel(parse(composition), models, '')
    for (const { rule, message } of refusalsOf(policy, askedOf(rest), 'route'))
      found.push({ path, message: `the route's own policy refuses it (policy.${rule}): ${message}` })
  }
  return found
}
