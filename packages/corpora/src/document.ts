/** What a mail is: the corpus' own judgement of it. */
export type Label = 'spam' | 'ham'

/** One speech, one chapter or one mail: the unit that a split never cuts. */
export interface Document {
  /** Stable across versions of this package: `speech/1862_abraham_lincoln_r`, `whale/chapter_1`, `mail/spam-1/00001.…`. */
  readonly id: string
  readonly text: string
  /** Only mails have one. */
  readonly label?: Label
  /** Documents of one thread quote each other, so a split keeps them in one part. Absent: the document stands alone. */
  readonly thread?: string
}

/** The three corpora by name. */
export type CorpusName = 'speech' | 'whale' | 'mail'
