/** Characters of a text that are looked at: its end, where a question is. */
const longest = 4000

/** What is asked in words, and in which of a body's fields. */
export interface AskedTexts {
  field: string
  /** One for each prompt or input; empty where it says nothing in words, as tokens that are given by number do. */
  texts: readonly string[]
}

/** What a body asks: each prompt or input of it, or the whole of a chat. */
export function askedTexts({ prompt, messages, input }: Record<string, unknown>): AskedTexts {
  if (Array.isArray(messages)) return { field: 'messages', texts: worded([conversation(messages)]) }
  // What is scored says what is asked where nothing stands before it.
  const [field, given] =
    prompt === undefined || prompt === null || (input !== undefined && typeof prompt === 'string' && !prompt.trim()) ? ['input', input] : ['prompt', prompt]
  return { field, texts: worded(Array.isArray(given) ? inputsOf(given) : [given]) }
}

/** A list of numbers is one prompt, and a conversation of /v1/responses one text; any other list is one input each, of which one may be a list of words. */
function inputsOf(given: readonly unknown[]): readonly unknown[] {
  if (typeof given[0] === 'number') return ['']
  if (given.some((each) => each !== null && typeof each === 'object' && !Array.isArray(each))) return [conversation(given)]
  return given.map((each) => (Array.isArray(each) ? each.filter((word) => typeof word === 'string').join(' ') : each))
}

const worded = (texts: readonly unknown[]): string[] => texts.map((text) => (typeof text === 'string' ? text.trim() && text.slice(-longest) : ''))
const conversation = (messages: readonly unknown[]): string => messages.map(contentOf).filter(Boolean).join('\n')

/** Of a message: its text, or the texts of its parts. */
const contentOf = (message: unknown): string => {
  const content = (message as { content?: unknown } | null)?.content
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.flatMap((part) => (typeof (part as { text?: unknown } | null)?.text === 'string' ? [(part as { text: string }).text] : [])).join('\n')
}
