import { fewTexts } from '@weft/protocol'
import { type Asker, tenantOf } from './asker.ts'
import { untilAborted } from './cancellation.ts'

/**
 * A list of no more than `fewTexts` is read as requests of one text are: nobody waits long for it. So is one of no more answers to choose from, which are one question: who asks it of several texts asks after each, and would wait behind every list
 * there is each time.
 */
const CHOICES = 64
/** Characters of a token, about: nothing of a list is tokenized before its turn. */
const CHARACTERS = 3

/** What a request has to be read: texts, words, or tokens as they are. */
export type Texts = readonly (string | readonly (string | number)[])[]

/** What a request reads of them. */
export interface TextsRead {
  texts: Texts
  /** Before each of them. */
  prompt?: string | undefined
  /** They are answers to choose from. */
  answers?: boolean | undefined
}

/** A request of many texts. */
export interface TextList {
  asker: Asker
  texts: number
  /** About so many. */
  tokens: number
  /** Whose lists are read one after another. */
  line: string
}

interface Listed extends TextList {
  begunAt: number | undefined
  begin(): void
}

/** @returns none where it is short */
export function textListOf(asker: Asker, { texts, prompt = '', answers = false }: TextsRead): TextList | undefined {
  if (texts.length <= (answers ? CHOICES : fewTexts)) return undefined
  const characters = texts.reduce((sum, text) => sum + prompt.length + charactersOf(text), 0)
  // Those of like length stand in one line: up to 16², up to 16³.
  const length = Math.ceil(Math.log2(texts.length) / Math.log2(fewTexts))
  const line = JSON.stringify([tenantOf(asker), asker.priority ?? 0, length])
  return { asker, texts: texts.length, tokens: Math.ceil(characters / CHARACTERS), line }
}

const charactersOf = (text: Texts[number]): number =>
  typeof text === 'string' ? text.length : text.reduce<number>((sum, part) => sum + (typeof part === 'string' ? part.length + 1 : CHARACTERS), 0)

/**
 * Requests of many texts. Side by side, each would end when the last does; so those of a tenant that are as urgent and about as long are read one after
 * another, and the first ends as if it were alone. What is urgent, short or another tenant's is never behind a long list.
 */
export class TextLists {
  /** In order of arrival: of each line, the first is under way. */
  readonly #lists = new Set<Listed>()
  /** When the first of those began that have followed one another since, and what was read from then on. */
  #since = 0
  #read = 0
  /** Tokens a millisecond until the last of them before had ended. */
  #paceBefore = 0

  /** Lists that have not begun. @param asker of this one's tenant alone */
  waiting(asker?: Asker): { lists: number; texts: number; tokens: number } {
    const sum = { lists: 0, texts: 0, tokens: 0 }
    for (const list of this.#lists) {
      if (list.begunAt !== undefined || (asker && tenantOf(asker) !== tenantOf(list.asker))) continue
      sum.lists++
      sum.texts += list.texts
      sum.tokens += list.tokens
    }
    return sum
  }

  /** Whether there is a list that this one would wait behind and that waits itself. */
  waitsBefore({ line }: TextList): boolean {
    for (const list of this.#lists) if (list.line === line && list.begunAt === undefined) return true
    return false
  }

  /** Tokens of texts that were read, of whomever. */
  observe(tokens: number): void {
    this.#read += tokens
  }

  /** Seconds in which all lists will have been read, about. @param pace tokens a second, where no list has been read yet */
  seconds(pace: number): number {
    const now = performance.now()
    const of = this.#paceAt(now) || pace / 1000
    if (of === 0) return 0
    let left = 0
    for (const { tokens, begunAt } of this.#lists) left += begunAt === undefined ? tokens : Math.max(0, tokens - of * (now - begunAt))
    return left / of / 1000
  }

  /** Does a list's work when its turn comes. Aborted in line, it is never begun. */
  async run<T>(list: TextList, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { promise: turn, resolve: begin } = Promise.withResolvers<void>()
    const listed: Listed = { ...list, begunAt: undefined, begin }
    if (this.#lists.size === 0) {
      this.#since = performance.now()
      this.#read = 0
    }
    this.#lists.add(listed)
    this.#callFirst(list.line)
    try {
      await untilAborted(turn, signal)
      return await work()
    } finally {
      this.#lists.delete(listed)
      this.#callFirst(list.line)
      if (this.#lists.size === 0) this.#paceBefore = this.#paceAt(performance.now())
    }
  }

  #paceAt(now: number): number {
    return this.#read === 0 ? this.#paceBefore : this.#read / (now - this.#since)
  }

  #callFirst(line: string): void {
    for (const list of this.#lists) {
      if (list.line !== line) continue
      if (list.begunAt === undefined) {
        list.begunAt = performance.now()
        list.begin()
      }
      return
    }
  }
}
