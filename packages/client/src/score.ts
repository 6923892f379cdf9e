import type { ScoreResponse } from '@weft/protocol'

export interface ScoreParameters {
  model: string
  input: string | string[]
  /** Comes before each text and is not scored. */
  prompt?: string
  tokenLogprobs?: boolean
}

export interface Scores {
  object: 'list'
  model: string
  data: (ScoreResponse['results'][number] & { object: 'score'; index: number })[]
}
