/** Parts of a tokenizer.json, which are told apart by their `type`. */
export type Definition = Record<string, any>

/** What a part that we do not know is refused with. */
export const unknownPart = (kind: string, part: Definition): Error => new Error(`the ${kind} "${part.type}" is not supported`)
