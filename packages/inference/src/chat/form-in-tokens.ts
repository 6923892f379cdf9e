import type { Tokenizer } from '@weft/model'
import { type CallForm, COUNT, ID } from './call-form.ts'

/** How a model with a tokenizer writes a form of calls. */
export interface FormInTokens {
  form: CallForm
  /** Special tokens that stand for parts of it: answers show and may choose them. */
  shown: ReadonlySet<number>
  /** Whether a call can be begun: no token of what stands before its arguments ends an answer. */
  isBegun: boolean
}

/** A form up to where a token ends the answer, and the special tokens in it. Mistral's and Granite's marks are such, which text does not show elsewhere. */
export function formInTokens(form: CallForm, { encode, idToToken, specialTokenIds, eosTokenIds }: Tokenizer): FormInTokens {
  const shown = new Set<number>()
  const firstEnd = (text: string): number => {
    const ends: number[] = []
    for (const piece of text.split(new RegExp(`[${ID}${COUNT}]`)))
      for (const id of piece === '' ? [] : encode(piece, { addSpecialTokens: false })) {
        if (eosTokenIds.includes(id)) ends.push(text.indexOf(idToToken(id) ?? ''))
        else if (specialTokenIds.has(id)) shown.add(id)
      }
    return ends.length > 0 ? Math.max(0, Math.min(...ends)) : -1
  }
  const { mark, opening, before, between, behind, next, close } = form
  const isBegun = [mark, opening, before, between].map(firstEnd).every((end) => end < 0)
  const closed = firstEnd(close)
  return {
    form: {
      ...form,
      next: next !== null && firstEnd(`${behind}${next}`) < 0 ? next : null,
      close: closed < 0 ? close : close.slice(0, closed),
    },
    shown,
    isBegun,
  }
}
