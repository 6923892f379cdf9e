/** Characters of a text that are looked at: its end, where a question is. */
const longest = 4000

/** What a body asks in words: each prompt or input of it, or the whole of a chat. Tokens that are given by number say nothing here. */
export function askedTexts({ prompt, messages, input }: Record<string, unknown>): string[] {
  if (Array.isArray(messages)) return worded([messages.map(contentOf).filter(Boolean).join('\n')])
  const given = prompt ?? input
  if (typeof given === 'string') return worded([given])
  if (!Array.isArray(given)) return []
  // A conversation of /v1/responses is one text; inputs of other endpoints are one each.
  if (given.some((each) => each !== null && typeof each === 'object' && !Array.isArray(each))) return worded([given.map(contentOf).filter(Boolean).join('\n')])
  return worded(given.map((each) => (Array.isArray(each) ? each.filter((word) => typeof word === 'string').join(' ') : each)))
}

const worded = (texts: readonly unknown[]): string[] => texts.flatMap((text) => (typeof text === 'string' && text.trim() !== '' ? [text.slice(-longest)] : []))

/** Of a message: its text, or the texts of its parts. */
const contentOf = (message: unknown): string => {
  const content = (message as { content?: unknown } | null)?.content
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.flatMap((part) => (typeof (part as { text?: unknown } | null)?.text === 'string' ? [(part as { text: string }).text] : [])).join('\n')
}
