/** A base that cells are run on. */
export interface EvidenceModel {
  /** As the page calls it. */
  title: string
  /** Of its checkpoint, in millions. */
  millions: number
  /** Numbers of a hidden state, by which a method's rate may be another. */
  width: number
  /** Whether it reads both ways: it labels texts and writes none. */
  encoder: boolean
  /** What frozen layers are held in, and trained in, where that is not float32. */
  precision?: 'int8'
}

/** By the name of its folder. */
export const models: Readonly<Record<string, EvidenceModel>> = {
  bundled: { title: 'bundled', millions: 5.5, width: 256, encoder: false },
  'all-minilm-l6-v2': { title: 'MiniLM-L6', millions: 22.7, width: 384, encoder: true },
  'smollm2-135m-instruct': { title: 'SmolLM2-135M', millions: 134.5, width: 576, encoder: false },
  'qwen2.5-coder-0.5b-instruct': { title: 'Qwen2.5-Coder-0.5B, int8', millions: 494, width: 896, encoder: false, precision: 'int8' },
}

/** Models of the short form. */
export const shortModels = ['bundled', 'all-minilm-l6-v2'] as const
