import type { Definition } from './definition.ts'
import { ReplaceNormalizer } from './library.ts'

/** A `{"String"}` or `{"Regex"}` of tokenizer.json: Oniguruma's syntax, rewritten by Hugging Face's library. Global, in Unicode mode. */
export const compilePattern = (pattern: Definition): RegExp => {
  const compiled = new ReplaceNormalizer({ type: 'Replace', pattern, content: '' }).pattern
  if (!compiled) throw new Error(`the pattern ${JSON.stringify(pattern)} is neither a String nor a Regex`)
  return compiled
}
