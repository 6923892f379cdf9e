import { openSession } from '@weft/session'
import { contrastUnusable } from '../errors.ts'
import { round } from '../statistics.ts'
import { chosenOf, type Gain, gainOver } from './choose.ts'
import { type ContrastOptions, contrastOf, type Judged } from './contrast.ts'
import { type Margin, marginOf } from './margin.ts'
import { vectorsOf } from './vectors.ts'

export interface BenchSteerOptions extends ContrastOptions {
  /** A model folder. */
  model: string
  /** Behind which layers to try, each by itself; at a quarter, two fifths and three fifths of the depth when absent. */
  layers?: readonly number[]
  /** Negative ones are measured, and never chosen. */
  strengths: readonly number[]
  /** By which share the perplexity of reference texts may rise for what is chosen. */
  cost: number
  method: string
  threads?: number
  onNote?: (text: string) => void
}

export interface SteerRow extends Margin, Gain {
  behind: 'base' | 'prompt' | 'vector'
  /** A prompt's. */
  text?: string
  /** A vector's. */
  strength?: number
  /** What was chosen, on other pairs than those that this row tells of. */
  chosen: boolean
}

export interface BenchSteerResult {
  seed: number
  pairs: number
  chosen_on: number
  held_out: number
  reference: number
  layer: number
  rows: SteerRow[]
}

/** Near where Rimsky et al. (2024, §4) steer best, before and behind. */
const DEPTHS = [0.25, 0.4, 0.6]

/** What is added to the base, and what a row says of it. */
interface Tried {
  expression: string
  row: Pick<SteerRow, 'behind' | 'text' | 'strength'>
  layer?: number
}

/** Computes vectors from pairs, chooses layer and strength on others, and says what it does to held-out ones and to unrelated text, beside a text prompt. */
export const benchSteer = async (options: BenchSteerOptions): Promise<BenchSteerResult> => {
  const { onNote = () => {}, cost, strengths, method } = options
  if (!strengths.some((strength) => strength > 0)) throw contrastUnusable('of --strengths at least one is to be above 0: it is chosen among those')
  const contrast = contrastOf(options)
  await using session = await openSession(options.model, { ...(options.threads !== undefined && { threads: options.threads }) })
  const { numLayers } = session.model.spec
  const layers = options.layers ?? [...new Set(DEPTHS.map((depth) => Math.floor(depth * numLayers)))]
  const names = await vectorsOf(session, { method, layers, pairs: contrast.pairs, heldOut: contrast.choosing.pairs })

  const vector = (layer: number, strength: number): Tried => ({
    expression: `base + ${strength}*${names.get(layer)}`,
    row: { behind: 'vector', strength },
    layer,
  })
  const judged = async (part: Judged, tried: readonly Tried[]): Promise<(Tried & Margin & Gain)[]> => {
    const base = await marginOf(session, 'base', part)
    const found: (Tried & Margin & Gain)[] = [{ expression: 'base', row: { behind: 'base' }, ...base, ...gainOver(base, base) }]
    for (const each of tried) {
      const margin = await marginOf(session, each.expression, part)
      found.push({ ...each, ...margin, ...gainOver(margin, base) })
      const { gain, cost } = found.at(-1)!
      onNote(`${each.expression}: ${gain.toFixed(3)} nats a token gained, perplexity ${(100 * cost).toFixed(1)} % up`)
    }
    return found
  }
  const prompts = contrast.prompts.map((text): Tried => ({ expression: `base + ${JSON.stringify(text)}`, row: { behind: 'prompt', text } }))
  const ahead = strengths.filter((strength) => strength > 0)
  const tried = await judged(contrast.choosing, [...prompts, ...layers.flatMap((layer) => ahead.map((strength) => vector(layer, strength)))])
  const chosen = chosenOf(
    tried.filter(({ row }) => row.behind === 'vector'),
    cost,
  )!
  const prompt = chosenOf(
    tried.filter(({ row }) => row.behind === 'prompt'),
    cost,
  )
  onNote(`chosen: ${chosen.expression}${prompt ? ` and ${prompt.expression}` : ''}; on held-out pairs:`)
  const rows = await judged(contrast.heldOut, [...(prompt ? [prompt] : []), ...strengths.map((strength) => vector(chosen.layer!, strength))])
  return {
    seed: options.seed,
    pairs: contrast.pairs.length,
    chosen_on: contrast.choosing.pairs.length,
    held_out: contrast.heldOut.pairs.length,
    reference: contrast.heldOut.reference.length,
    layer: chosen.layer!,
    rows: rows.map(({ row, expression, margin, preferred, perplexity, gain, cost }) => ({
      ...row,
      margin: round(margin, 4),
      preferred: round(preferred, 3),
      perplexity: round(perplexity, 2),
      gain: round(gain, 4),
      cost: round(cost, 4),
      chosen: [chosen.expression, prompt?.expression].includes(expression),
    })),
  }
}
