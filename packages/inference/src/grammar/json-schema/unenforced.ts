/** What is done about a part of a schema that no grammar here keeps an answer to: the refusal is thrown, or the answer may differ in that part. */
export type Unenforced = (refusal: unknown) => void

/** The answer is what the schema says, or there is none. */
export const refused: Unenforced = (refusal) => {
  throw refusal
}

/** The answer is valid in the rest of the schema. */
export const leftOut: Unenforced = () => {}
