import type { NumberedRow, RowMessage, TrainingRow } from '@weft/protocol'
import type { RowTokenizer } from '../token-row.ts'

/** What to say where messages have a `name` that the chat template does not print: nothing can be learned of it. Each role is looked at where it first has one. */
export const namesUnread = (rows: readonly NumberedRow[], { renderChat }: Pick<RowTokenizer, 'renderChat'>, model: string): string | undefined => {
  if (!renderChat) return undefined
  const seen = new Set<string>()
  for (const { line, row } of rows) {
    if (row.kind !== 'messages') continue
    for (const [at, { role, name }] of row.messages.entries()) {
      if (name === undefined || seen.has(role)) continue
      seen.add(role)
      if (isRead(row, at, renderChat)) continue
      return `Line ${line}: messages[${at}] has the name ${JSON.stringify(name)}, and the chat template of "${model}" prints no name of a message of role "${role}": nothing is learned of it. Write it in the content where it matters.`
    }
  }
  return undefined
}

type ChatRow = Extract<TrainingRow, { kind: 'messages' }>

/** Whether the chat reads otherwise without the name. */
const isRead = ({ messages, tools }: ChatRow, at: number, render: NonNullable<RowTokenizer['renderChat']>): boolean => {
  const textOf = (chat: readonly RowMessage[]): string | undefined => {
    try {
      return render(chat, tools).text
    } catch {
      // A template that asks for a name reads it.
      return undefined
    }
  }
  return textOf(messages) !== textOf(messages.map(({ name, ...message }, i) => (i === at || name === undefined ? message : { ...message, name })))
}
