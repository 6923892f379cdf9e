import type { Composed, SiteState } from '@weft/adapters'
import type { HeldModel } from '@weft/protocol'
import type { SiteSupport } from '../site-support.ts'
import { modulesOf, rankOf } from './adapters/peft-folder.ts'

const strength = 'a strength other than 1 is added to attention logits, and vLLM adds nothing there. Leave the strength out'

const keyBias = "a bias of single keys is added to attention logits, and vLLM adds nothing there. Serve compressed documents with Weft's runner"

const overlaid = 'prefixes of several adapters overlay one another, and in vLLM positions follow one another. Compose one, or mix them'
const window = "a sliding window would lose sight of it in vLLM; Weft's runner sees prefixes from everywhere"

/** Whether some layer sees less than what vLLM takes. A description may be older than its word for that, and all of gemma3 that was described then has such layers. */
const isWindowed = ({ slidingWindow, maxPositions, architecture }: HeldModel['spec']): boolean =>
  slidingWindow === undefined ? architecture === 'gemma3_text' : slidingWindow < maxPositions

/** What of a composition this vLLM cannot serve although it serves the site. Empty where it serves all of it. */
export function vllmExceptions({ segments, sites, prefixLengths }: Composed, { lowRank, spec }: Pick<HeldModel, 'lowRank' | 'spec'>): SiteSupport[] {
  const refused = (site: string, why: string): SiteSupport => ({ site, support: 'refused', why })
  const strong = (kind: 'rows' | 'text'): boolean => segments.some((segment) => segment.kind === kind && segment.bias !== undefined)
  return [
    ...(strong('rows') ? [refused('inputsEmbeds', strength)] : []),
    ...(strong('text') ? [refused('text', strength)] : []),
    ...(sites.keyValue?.bias ? [refused('keyValue', strength)] : []),
    ...(sites.keyValue?.keyBias ? [refused('keyValue', keyBias)] : []),
    ...(prefixLengths ? [refused('keyValue', overlaid)] : []),
    ...(sites.keyValue && isWindowed(spec) ? [refused('keyValue', window)] : []),
    ...(sites.linear ? linearRefusals(sites.linear, lowRank).map((why) => refused('linear', why)) : []),
  ]
}

function linearRefusals(state: SiteState, { maxRank = Number.POSITIVE_INFINITY, modules }: Partial<NonNullable<HeldModel['lowRank']>> = {}): string[] {
  const rank = rankOf(state)
  const strange = modules && modulesOf(state).find((module) => !modules.some((end) => module === end || module.endsWith(`.${end}`)))
  return [
    ...(Object.keys(state).some((name) => name.endsWith('.bias')) ? ["it moves biases, which vLLM's LoRA has none of"] : []),
    ...(rank === undefined ? ['its ranks come to more than 512, which is the most that vLLM takes. Compose fewer adapters'] : []),
    ...(rank !== undefined && rank > maxRank ? [`its ranks come to ${rank}, and this vLLM was started with --max-lora-rank ${maxRank}`] : []),
    ...(strange === undefined ? [] : [`it acts on "${strange}", and this vLLM was started with --lora-target-modules ${modules!.join(' ')}`]),
  ]
}
