/** What a scheduler has in hand, and what it has done since it was made: what a monitor reads. */
export interface SchedulerCounts {
  /** Rows that decode, and work under way. */
  active: number
  /** Requests that have not begun, and their tokens; about so many, of those with lists of texts. */
  waiting: number
  waitingTokens: number
  /** Of the tokens of all prompts and texts, those that were read: what a prefix cache had is not among them. */
  readTokens: number
  /** Tokens of answers. */
  decodedTokens: number
  steps: number
  /** Requests refused with 429. */
  refused: number
}
