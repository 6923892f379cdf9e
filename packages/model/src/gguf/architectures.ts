/** What sets one of llama.cpp's architectures apart from Hugging Face's of the same kind. */
export interface GgufArchitecture {
  /** config.json's `model_type`. */
  modelType: string
  /** Queries and keys are stored with the rotary halves of each head interleaved. */
  interleavesRotary?: true
  /** `rope_freqs.weight` divides the rotary frequencies, where it is there. */
  rotaryFactors?: true
  /** Norms are stored as 1 + w. */
  normsPlusOne?: true
  /** Norms stand before and after both halves of a block. */
  sandwichNorms?: true
}

/** By `general.architecture`. Mistral's models, and SmolLM2, are of architecture llama there. */
export const ggufArchitectures: Readonly<Record<string, GgufArchitecture>> = {
  llama: { modelType: 'llama', interleavesRotary: true, rotaryFactors: true },
  qwen2: { modelType: 'qwen2' },
  qwen3: { modelType: 'qwen3' },
  gemma3: { modelType: 'gemma3_text', normsPlusOne: true, sandwichNorms: true },
}
