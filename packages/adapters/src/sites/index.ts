import { unknownSite } from '../errors.ts'
import { gatedKeyValue } from './gated-key-value/index.ts'
import { head } from './head/index.ts'
import { inputsEmbeds } from './inputs-embeds/index.ts'
import { keyValue } from './key-value/index.ts'
import { linear } from './linear/index.ts'
import { promptDelta } from './prompt-delta/index.ts'
import { scale } from './scale/index.ts'
import type { Site } from './site.ts'
import { text } from './text/index.ts'
import { weights } from './weights/index.ts'

/** Every site, by name. A new one is a folder and a line here. */
export const sites = { inputsEmbeds, text, promptDelta, keyValue, gatedKeyValue, linear, scale, head, weights }

export type SiteName = keyof typeof sites

/** A site by name. Error 422 `unknown_site`. */
export function siteOf(name: string): Site {
  const site = Object.hasOwn(sites, name) ? sites[name as SiteName] : undefined
  if (!site) throw unknownSite(name, Object.keys(sites))
  return site
}
