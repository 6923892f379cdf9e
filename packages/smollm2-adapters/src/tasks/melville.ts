import { passages, split, spread, whale } from '@weft/corpora'
import type { StyleTask } from './task.ts'

const CHARACTERS = 240

/** A style: the prose of Moby Dick, measured on chapters that are not learned. */
export const melville = (heldOut: number): StyleTask => {
  const chapters = split(whale())
  return {
    kind: 'style',
    name: 'style/melville',
    method: 'prefix-tuning',
    config: { numVirtualTokens: 8, prefixInit: 'vocab' },
    hyperparameters: { maxSteps: 40, batchSize: 4, learningRate: 1e-2 },
    training: spread(passages(chapters.train, CHARACTERS), 640),
    heldOut: spread(passages(chapters.heldOut, CHARACTERS), heldOut),
    instruction: 'From "Moby-Dick; or, The Whale", by Herman Melville:\n\n',
    openings: [
      'The',
      'It was',
      'In the morning',
      'There is',
      'We',
      'At last',
      'When the',
      'But',
      'And now',
      'For a long time',
      'Upon the',
      'He',
      'This',
      'All the',
      'My',
      'So',
    ],
  }
}
