import * as tokenizers from '@huggingface/tokenizers'
import type { Definition } from './definition.ts'

/** What is used of Hugging Face's library, whose own types name files without their extension and so are not found here. */
export const { ReplaceNormalizer } = tokenizers as unknown as {
  ReplaceNormalizer: new (definition: Definition) => { pattern: RegExp | null }
}
