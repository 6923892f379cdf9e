import { unknownSite } from '../errors.ts'
import { activatedLinear } from './activated-linear/algebra.ts'
import { gatedKeyValue } from './gated-key-value/algebra.ts'
import { head } from './head/algebra.ts'
import { inputsEmbeds } from './inputs-embeds/algebra.ts'
import { keyValue } from './key-value/algebra.ts'
import { linear } from './linear/algebra.ts'
import { promptDelta } from './prompt-delta/algebra.ts'
import { residual } from './residual/algebra.ts'
import { scale } from './scale/algebra.ts'
import type { Site, SiteShapes } from './site.ts'
import { text } from './text/algebra.ts'
import { weights } from './weights/algebra.ts'

/** Every site's float half, by name. A new site is a folder, a line here and one in `hooks/lowerings.ts`. */
export const sites = { inputsEmbeds, text, promptDelta, keyValue, gatedKeyValue, linear, activatedLinear, scale, residual, head, weights }

export type SiteName = keyof typeof sites

/** A site by name. Error 422 `unknown_site`. */
export function siteOf(name: string): Site {
  const site = Object.hasOwn(sites, name) ? sites[name as SiteName] : undefined
  if (!site) throw unknownSite(name, Object.keys(sites))
  return site
}

/** Positions that tensors at a site take. */
export const virtualTokensOf = (site: string, tensors: SiteShapes): { rows: number; prefix: number } => ({
  rows: 0,
  prefix: 0,
  ...siteOf(site).virtualTokens?.(tensors),
})
