/** Where a running Weft answers, and what a program of a client may ask it. */
export interface Weft {
  /** With `/v1` at its end, as these clients take it. */
  baseURL: string
  apiKey: string
  /** A base model that generates. */
  model: string
  /** One that embeds. */
  encoder: string
  /** An adapter that generates, and a classifier of mails with the labels `spam` and `ham`; both of a few steps. */
  style: string
  classifier: string
}

/** A client's own way to ask: throws where an answer is not what it should be. */
export type Program = (weft: Weft) => Promise<void>
