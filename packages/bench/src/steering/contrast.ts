import { Random } from '@weft/adapters'
import { contrastTooSmall, contrastUnusable } from '../errors.ts'
import { pairsOf, textsOf } from './contrast-files.ts'
import { addressesOrNovel, addressPrompts, mails } from './corpora-contrast.ts'
import type { Pair } from './pair.ts'

/** Pairs, and texts that have nothing to do with what they differ in. */
export interface Judged {
  pairs: Pair[]
  reference: string[]
}

/** What a vector is computed from, chosen by, and judged on: three parts that share nothing. */
export interface Contrast {
  pairs: Pair[]
  choosing: Judged
  heldOut: Judged
  /** Texts that ask for the positive side. */
  prompts: string[]
}

export interface ContrastOptions {
  /** JSONL of {positive, negative}, with a {prompt} before both or none; addresses of presidents against Moby Dick when absent. */
  pairs?: string
  heldOut?: string
  /** JSONL of {text}; mails when absent. */
  reference?: string
  prompts?: readonly string[]
  /** How many at most: pairs of the vector, pairs and reference texts that layer and strength are chosen on, and those of the figures. */
  rows: number
  choosing: number
  judged: number
  /** Which pairs are chosen on. */
  seed: number
}

/** Errors 400 `contrast_unusable`, `contrast_too_small`; what a training file is refused for. */
export const contrastOf = ({ pairs, heldOut, reference, prompts, rows, choosing, judged, seed }: ContrastOptions): Contrast => {
  if ((pairs === undefined) !== (heldOut === undefined))
    throw contrastUnusable('--pairs and --held-out belong together: figures are of pairs that the vector was not computed from')
  const given = pairs === undefined ? addressesOrNovel('train', rows + choosing) : pairsOf(pairs, 'training')
  if (given.length <= choosing) throw contrastTooSmall('pairs', given.length, choosing + 1)
  const shuffled = shuffle(given, seed)
  const [before, after] = reference === undefined ? [mails('train', choosing), mails('heldOut', judged)] : halves(textsOf(reference), seed)
  return {
    pairs: shuffled.slice(choosing, choosing + rows),
    choosing: { pairs: shuffled.slice(0, choosing), reference: before.slice(0, choosing) },
    heldOut: {
      pairs: (heldOut === undefined ? addressesOrNovel('heldOut', judged) : pairsOf(heldOut, 'validation')).slice(0, judged),
      reference: after.slice(0, judged),
    },
    prompts: [...(prompts ?? (pairs === undefined ? addressPrompts : []))],
  }
}

const shuffle = <T>(values: readonly T[], seed: number): T[] => [...new Random(`contrast ${seed}`).permutation(values.length)].map((i) => values[i])

const halves = (texts: readonly string[], seed: number): [string[], string[]] => {
  if (texts.length < 2) throw contrastTooSmall('reference', texts.length, 2)
  const shuffled = shuffle(texts, seed)
  return [shuffled.slice(0, texts.length >> 1), shuffled.slice(texts.length >> 1)]
}
