import type { CorpusName } from '@weft/corpora'

/**
 * How often a corpus is drawn from in pretraining, and how heavily its words count for the tokenizer.
 *
 * Speeches and mails hold about nine tenths of the text and the whale one; drawn by size, the whale would hardly be
 * heard. It gets 15 of 100 draws, which repeats it some six times as often as the others, well under what a model of
 * this size would begin to recite.
 */
export const mixture: Record<CorpusName, number> = { speech: 0.4, whale: 0.15, mail: 0.45 }
