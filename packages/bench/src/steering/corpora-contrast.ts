import { mail, passages, speeches, split, spread, whale } from '@weft/corpora'
import type { Pair } from './pair.ts'

/** Characters of a passage: about 56 tokens. */
const PASSAGE = 230

type Part = 'train' | 'heldOut'

/** Passages of presidents' addresses, each beside one of Moby Dick, of documents that the other part has nothing of. */
export const addressesOrNovel = (part: Part, count: number): Pair[] => {
  const [positive, negative] = [speeches(), whale()].map((documents) => spread(passages(split(documents)[part], PASSAGE), count))
  return positive.slice(0, negative.length).map((text, i) => ({ positive: text, negative: negative[i] }))
}

/** What a text may say to ask for the style of an address. */
export const addressPrompts: readonly string[] = [
  'From a State of the Union address by a President of the United States:',
  'Message of the President to the Senate and House of Representatives.',
  'Write like a formal speech of a statesman, and not like a novel.',
]

/** Passages of mails that people wrote to one another. */
export const mails = (part: Part, count: number): string[] =>
  spread(
    passages(
      split(mail())[part].filter(({ label }) => label === 'ham'),
      PASSAGE,
    ),
    count,
  )
