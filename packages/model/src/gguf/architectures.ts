import { gemma3 } from './fields/gemma3.ts'
import { granite } from './fields/granite.ts'
import { noWindow } from './fields/no-window.ts'
import type { OwnFields } from './fields/own-fields.ts'
import { phi3 } from './fields/phi3.ts'

/** What sets one of llama.cpp's architectures apart from Hugging Face's of the same kind. */
export interface GgufArchitecture {
  /** config.json's `model_type`. */
  modelType: string
  /** Other `model_type`s that llama.cpp's converter writes as this architecture. */
  alike?: readonly string[]
  /** Queries and keys are stored with the rotary halves of each head interleaved. */
  interleavesRotary?: true
  /** `rope_freqs.weight` divides the rotary frequencies, where it is there; or factors do that depend on a text's length. */
  rotaryFactors?: 'always' | 'by length'
  /** Norms are stored as 1 + w. */
  normsPlusOne?: true
  /** Where the norms of a block stand; before both its halves when absent. */
  norms?: 'before' | 'behind' | 'both'
  /** Queries, keys and values are one tensor, and gate and up are another. */
  fused?: true
  /** A part of each head may be rotated. */
  rotatesPart?: true
  /** What its metadata says besides. */
  fields?: OwnFields
}

/** By `general.architecture`. Mistral's models, and SmolLM2, are of architecture llama there. */
export const ggufArchitectures: Readonly<Record<string, GgufArchitecture>> = {
  llama: { modelType: 'llama', alike: ['mistral'], interleavesRotary: true, rotaryFactors: 'always' },
  qwen2: { modelType: 'qwen2' },
  qwen3: { modelType: 'qwen3' },
  // llama.cpp rotates no fourth layer, whatever the model's config.json said: the files do not name others.
  smollm3: { modelType: 'smollm3', interleavesRotary: true, fields: noWindow },
  // OLMo 3 is of this architecture there, with windows.
  olmo2: { modelType: 'olmo2', norms: 'behind', fields: noWindow },
  granite: { modelType: 'granite', interleavesRotary: true, rotaryFactors: 'always', fields: granite },
  phi3: { modelType: 'phi3', fused: true, rotatesPart: true, rotaryFactors: 'by length', fields: phi3 },
  gemma3: { modelType: 'gemma3_text', normsPlusOne: true, norms: 'both', fields: gemma3 },
}

/** What llama.cpp calls one of our architectures; undefined where its files of that kind are not known here. */
export const ggufNameOf = (architecture: string): string | undefined =>
  Object.entries(ggufArchitectures).find(([, { modelType, alike }]) => modelType === architecture || alike?.includes(architecture))?.[0]
