import { siteNotTrainable } from '../../errors.ts'

/** A text has none: whoever has the tokenizer makes rows of it. */
export const inputs = (): never => {
  throw siteNotTrainable('text', 'a text has no tensors to differentiate; embed its tokens and give them as inputsEmbeds rows')
}
