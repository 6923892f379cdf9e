import { type CorpusName, corpora, split } from '@weft/corpora'
import { readTokenizer } from '@weft/model'
import { folder } from '../folder.ts'
import { mixture } from '../mixture.ts'
import { asDialogue } from './dialogue.ts'
import { drawsOf } from './draws.ts'
import { plan } from './plan.ts'
import { tokenStream } from './stream.ts'
import { fraction, windowAt } from './windows.ts'

export interface TokenizedCorpus {
  train: Uint16Array
  heldOut: Uint16Array
  /** UTF-8 bytes of the held-out documents. */
  heldOutBytes: number
}

export type TokenizedCorpora = Record<CorpusName, TokenizedCorpus>

export const tokenizeCorpora = async (): Promise<TokenizedCorpora> => {
  const tokenizer = (await readTokenizer(folder))!
  const encode = (text: string): number[] => tokenizer.encode(text)
  return Object.fromEntries(
    Object.entries(corpora).map(([name, read]) => {
      const { train, heldOut } = split(read())
      const heldOutBytes = heldOut.reduce((bytes, { text }) => bytes + Buffer.byteLength(text), 0)
      return [name, { train: tokenStream(train, encode), heldOut: tokenStream(heldOut, encode), heldOutBytes }]
    }),
  ) as TokenizedCorpora
}

/** The windows of a step's batch: a pure function of the step. `firstRow` counts all rows of the steps before it. */
export const trainingWindows = async (tokenized: TokenizedCorpora): Promise<(firstRow: number, rows: number, length: number) => Uint16Array[]> => {
  const tokenizer = (await readTokenizer(folder))!
  const frame = {
    before: tokenizer.encode('<|im_start|>user\n'),
    between: tokenizer.encode('<|im_end|>\n<|im_start|>assistant\n'),
    after: tokenizer.encode('<|im_end|>'),
  }
  const draw = drawsOf(mixture)
  return (firstRow, rows, length) =>
    Array.from({ length: rows }, (_, i) => {
      const row = firstRow + i
      const { corpus, index } = draw(row)
      const window = windowAt(tokenized[corpus].train, length, index, `${plan.seed}/${corpus}/${length}`)
      if (Math.floor(fraction(plan.seed, 'dialogue', row) * plan.dialogueEvery) !== 0) return window
      return asDialogue(window, 8 + Math.floor(fraction(plan.seed, 'said', row) * 40), frame)
    })
}
