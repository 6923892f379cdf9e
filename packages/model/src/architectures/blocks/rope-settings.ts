import { z } from 'zod'
import { invalidConfig, unsupportedConfig } from '../../errors.ts'
import type { RopeScaling } from '../../layout/rotary.ts'

/** `rope_scaling` (transformers 4) or `rope_parameters` (transformers 5) of a config.json. */
export const ropeSchema = z.looseObject({
  rope_type: z.string().optional(),
  type: z.string().optional(), // transformers before 4.43
  rope_theta: z.number().positive().optional(),
  factor: z.number().positive().optional(),
  low_freq_factor: z.number().positive().optional(),
  high_freq_factor: z.number().positive().optional(),
  original_max_position_embeddings: z.int('a whole number expected').positive().optional(),
  factors: z.array(z.number().positive()).optional(), // of a GGUF
})

export type RopeSettings = z.infer<typeof ropeSchema>

/** Throws `unsupported_config` for a kind of scaling that is not computed, `invalid_config` for one that lacks a number, or a factor of some frequency. */
export function ropeScaling(settings: RopeSettings | undefined, where: string, headDim: number): RopeScaling {
  const ropeType = settings?.rope_type ?? settings?.type ?? 'default'
  const need = (option: keyof RopeSettings): number => {
    const value = settings?.[option]
    if (typeof value !== 'number') throw invalidConfig(where, `rope_type "${ropeType}" needs ${option}.`)
    return value
  }
  if (ropeType === 'default') return { ropeType }
  if (ropeType === 'linear') return { ropeType, factor: need('factor') }
  if (ropeType === 'factors') {
    const { factors = [] } = settings!
    if (factors.length * 2 !== headDim)
      throw invalidConfig(where, `it has ${factors.length} factors of rotary frequencies; half of the size of a head is expected, ${headDim / 2}.`)
    return { ropeType, factors }
  }
  if (ropeType === 'llama3') {
    return {
      ropeType,
      factor: need('factor'),
      lowFreqFactor: need('low_freq_factor'),
      highFreqFactor: need('high_freq_factor'),
      originalMaxPositions: need('original_max_position_embeddings'),
    }
  }
  throw unsupportedConfig('rope_type', ropeType, '"default", "linear", "llama3"')
}
