import type { Chat, ChatMessage, RenderOptions } from '@weft/model'
import { type ToolFunction, writtenCall } from '@weft/protocol'

type Turns = readonly ChatMessage[]

/**
 * The turns of a chat whose template knows no functions. The system tells those that may be called, behind what it says, and what they gave stands as it is.
 * Where the template objects, as those do that have no system, or want user and assistant to take turns, the results are the user's, or what the system tells
 * of functions alone, or both: in one turn with what the user says beside it.
 */
export function withToldFunctions(chat: Chat, turns: Turns, tools: readonly ToolFunction[] | undefined, options: RenderOptions): ChatMessage[] {
  const told = withFunctions(turns, tools)
  const isResult = ({ role }: ChatMessage): boolean => role === 'tool'
  const isAdded = (turn: ChatMessage): boolean => turn === told[0] && told.length > turns.length
  if (!told.some((turn) => isResult(turn) || isAdded(turn))) return told
  const forms = [told, ...[isResult, isAdded, (turn: ChatMessage) => isResult(turn) || isAdded(turn)].map((isUsers) => asUsers(told, isUsers))]
  return forms.find((form) => isWritten(chat, form, options)) ?? told
}

function withFunctions(turns: Turns, tools: readonly ToolFunction[] | undefined): ChatMessage[] {
  if (!tools?.length) return [...turns]
  const told = [
    `Functions, called as ${writtenCall('{"name": …, "arguments": …}')}:`,
    ...tools.map(({ name, description, parameters }) => JSON.stringify({ name, ...(description && { description }), parameters: parameters ?? {} })),
  ].join('\n')
  const [first, ...others] = turns
  if (first.role !== 'system') return [{ role: 'system', content: told }, ...turns]
  return [{ ...first, content: `${first.content}\n\n${told}` }, ...others]
}

/** Some of the turns as the user's, each of them one with the user's beside it. */
function asUsers(turns: Turns, isUsers: (turn: ChatMessage) => boolean): ChatMessage[] {
  const shown: ChatMessage[] = []
  let joins = false
  for (const turn of turns) {
    const became = isUsers(turn)
    const said = became ? { role: 'user', content: turn.content } : turn
    const last = shown.at(-1)
    if (last?.role === 'user' && said.role === 'user' && (joins || became)) shown[shown.length - 1] = { ...said, content: `${last.content}\n\n${said.content}` }
    else shown.push(said)
    joins = became
  }
  return shown
}

const isWritten = (chat: Chat, turns: Turns, options: RenderOptions): boolean => {
  try {
    chat.render(turns, options)
    return true
  } catch {
    return false
  }
}
