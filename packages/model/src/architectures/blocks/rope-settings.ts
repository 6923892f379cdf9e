import { z } from 'zod'
import { invalidConfig, unsupportedConfig } from '../../errors.ts'
import type { LongRopeScaling } from '../../layout/longrope.ts'
import type { RopeScaling } from '../../layout/rotary.ts'
import type { YarnScaling } from '../../layout/yarn.ts'

/** `rope_scaling` (transformers 4) or `rope_parameters` (transformers 5) of a config.json. */
export const ropeSchema = z.looseObject({
  rope_type: z.string().optional(),
  type: z.string().optional(), // transformers before 4.43
  rope_theta: z.number().positive().optional(),
  factor: z.number().positive().nullish(),
  low_freq_factor: z.number().positive().optional(),
  high_freq_factor: z.number().positive().optional(),
  original_max_position_embeddings: z.int('a whole number expected').positive().nullish(),
  factors: z.array(z.number().positive()).optional(), // of a GGUF
  short_factor: z.array(z.number().positive()).nullish(), // longrope
  attention_factor: z.number().positive().nullish(), // longrope, yarn; those below: yarn
  mscale: z.number().nullish(),
  mscale_all_dim: z.number().nullish(),
  beta_fast: z.number().min(0).nullish(),
  beta_slow: z.number().min(0).nullish(),
  truncate: z.boolean().default(true),
  partial_rotary_factor: z.number().nullish(),
})

export type RopeSettings = z.infer<typeof ropeSchema>

/**
 * Both spellings as one. A scaling that was added to a config.json of transformers 5 under the old name stands beside the one that is there: transformers
 * then takes it without the base that stands in the other. Throws `invalid_config` unless both say the same.
 */
export function ropeSettings(scaling: RopeSettings | null | undefined, parameters: RopeSettings | null | undefined, where: string): RopeSettings | undefined {
  if (!scaling || !parameters) return parameters ?? scaling ?? undefined
  const [told, held] = [scaling, parameters].map(({ type, rope_type = type, ...others }): Record<string, unknown> => ({ rope_type, ...others }))
  const other = Object.keys(told).find((key) => told[key] !== undefined && JSON.stringify(told[key]) !== JSON.stringify(held[key]))
  if (other === undefined) return parameters
  throw invalidConfig(
    where,
    `it has rope_scaling beside rope_parameters, and ${other} differs between them. Put the scaling into rope_parameters, with its rope_theta, and leave rope_scaling out.`,
  )
}

/** Throws `unsupported_config` where less than a whole head is rotated: transformers passes over it for these architectures, and others do not. */
export function checkRotatedPart(part: number | null | undefined): void {
  if ((part ?? 1) !== 1) throw unsupportedConfig('partial_rotary_factor', part, '1, the whole of a head is rotated')
}

/**
 * How many numbers of each head are rotated where `partial_rotary_factor` says a part of them, rounded down as in transformers. Throws
 * `unsupported_config` for a part that is no whole number of pairs.
 */
export function rotatedPart(part: number | null | undefined, headDim: number): { rotaryDim?: number } {
  const rotaryDim = Math.trunc(headDim * (part ?? 1))
  if (rotaryDim < 2 || rotaryDim > headDim || rotaryDim % 2)
    throw unsupportedConfig('partial_rotary_factor', part, `at most 1, and an even number of the ${headDim} numbers of a head`)
  return rotaryDim < headDim ? { rotaryDim } : {}
}

/** What a scaling is of. */
export interface Scaled {
  /** How many numbers of each head are rotated. */
  rotaryDim: number
  /** `max_position_embeddings`. */
  maxPositions: number
  /** `original_max_position_embeddings` beside the settings, which counts before theirs, as in transformers. */
  originalMaxPositions?: number | null
}

/**
 * Throws `unsupported_config` for a kind of scaling that is not computed, `invalid_config` for one that lacks a number, or a factor of some frequency.
 * Dynamic NTK scales nothing within `max_position_embeddings`, and there is no position beyond; longrope's long factors are left out likewise.
 */
export function ropeScaling(settings: RopeSettings | undefined, where: string, { rotaryDim, maxPositions, originalMaxPositions }: Scaled): RopeScaling {
  const ropeType = settings?.rope_type ?? settings?.type ?? 'default'
  const need = (option: keyof RopeSettings): number => {
    const value = settings?.[option]
    if (typeof value !== 'number') throw invalidConfig(where, `rope_type "${ropeType}" needs ${option}.`)
    return value
  }
  checkRotatedPart(settings?.partial_rotary_factor)
  if (ropeType === 'default') return { ropeType }
  if (ropeType === 'dynamic') return { ropeType: 'default' }
  if (ropeType === 'linear') return { ropeType, factor: need('factor') }
  if (ropeType === 'factors') {
    const { factors = [] } = settings!
    if (factors.length * 2 !== rotaryDim)
      throw invalidConfig(where, `it has ${factors.length} factors of rotary frequencies; half of the size of a head is expected, ${rotaryDim / 2}.`)
    return { ropeType, factors }
  }
  if (ropeType === 'llama3') {
    return {
      ropeType,
      factor: need('factor'),
      lowFreqFactor: need('low_freq_factor'),
      highFreqFactor: need('high_freq_factor'),
      originalMaxPositions: originalMaxPositions ?? need('original_max_position_embeddings'),
    }
  }
  if (ropeType === 'yarn') {
    const original = originalMaxPositions ?? settings!.original_max_position_embeddings ?? maxPositions
    return yarnScaling(settings!, original, settings!.factor === null ? maxPositions / original : need('factor'))
  }
  if (ropeType === 'longrope') {
    const { short_factor: factors, factor, attention_factor } = settings!
    if (!factors) throw invalidConfig(where, `rope_type "${ropeType}" needs short_factor.`)
    if (factors.length * 2 !== rotaryDim)
      throw invalidConfig(where, `short_factor holds ${factors.length} factors; half of what is rotated of a head is expected, ${rotaryDim / 2}.`)
    const original = originalMaxPositions ?? settings!.original_max_position_embeddings ?? maxPositions
    return longRopeScaling(factors, original, { factor: factor ?? maxPositions / original, told: attention_factor })
  }
  throw unsupportedConfig('rope_type', ropeType, '"default", "linear", "llama3", "yarn", "longrope", "dynamic"')
}

/** As transformers' `_compute_longrope_parameters` reads it. */
function longRopeScaling(
  factors: readonly number[],
  originalMaxPositions: number,
  { factor, told }: { factor: number; told: number | null | undefined },
): LongRopeScaling {
  const usual = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(originalMaxPositions))
  return { ropeType: 'longrope', factors, attentionFactor: told ?? usual, originalMaxPositions }
}

/** As transformers' `_compute_yarn_parameters` reads it: what is 0 is as if it were left out. */
function yarnScaling(settings: RopeSettings, originalMaxPositions: number, factor: number): YarnScaling {
  const { attention_factor, mscale, mscale_all_dim, beta_fast, beta_slow, truncate } = settings
  const scale = (by: number): number => (factor <= 1 ? 1 : 0.1 * by * Math.log(factor) + 1)
  const usual = mscale && mscale_all_dim ? scale(mscale) / scale(mscale_all_dim) : scale(1)
  return {
    ropeType: 'yarn',
    factor,
    attentionFactor: attention_factor ?? usual,
    betaFast: beta_fast || 32,
    betaSlow: beta_slow || 1,
    originalMaxPositions,
    truncate,
  }
}

/**
 * Positions that a model has whose rotary frequencies are scaled so: yarn makes `factor` times those of before, whatever config.json goes on to say, and
 * longrope those of before.
 */
export function scaledPositions(maxPositions: number, scaling: RopeScaling): number {
  if (scaling.ropeType === 'longrope') return Math.min(maxPositions, scaling.originalMaxPositions)
  return scaling.ropeType === 'yarn' ? Math.max(maxPositions, Math.floor(scaling.originalMaxPositions * scaling.factor)) : maxPositions
}
