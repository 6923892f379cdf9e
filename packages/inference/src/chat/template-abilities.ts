import type { Chat, ChatMessage, RenderedChat } from '@weft/model'
import { callOpen } from '@weft/protocol'
import { type CallForm, listBehind, ours } from './call-form.ts'
import { callFormOf, probeCalls } from './call-form-of.ts'
import { asTemplatesTakeIt, asText, type TakenCall, takenCalls, withCalls } from './template-turns.ts'

interface Abilities {
  /** Whether the template shows functions. */
  tools: boolean
  /** Whether it shows calls of them. */
  calls: boolean
  /** What it takes of a call. */
  taken: TakenCall
  /** How an answer writes calls, where that is known. */
  form?: CallForm | undefined
  /** An answer that is a call of the function `name` with one `argument`, as it stands in a chat. */
  call: { text: string; name: string; argument: string }
}

const question = { role: 'user', content: '?' }

const known = new WeakMap<Chat, Abilities>()

/** What a chat's template does with functions: seen in what it writes of one. */
export function abilitiesOf(chat: Chat): Abilities {
  const found = known.get(chat)
  if (found) return found
  const name = 'function_that_nobody_has'
  const called = 'function_that_nobody_calls'
  const argument = 'argument_that_nobody_gives'
  const call = { id: 'call-00000', type: 'function' as const, function: { name: called, arguments: JSON.stringify({ [argument]: 0 }) } }
  const made = { role: 'assistant', content: '', toolCalls: [call] }
  const tools = [asTemplatesTakeIt({ name })]
  const shown = attempt(() => chat.render([question], { tools, addGenerationPrompt: true }))
  const answered = (turn: ChatMessage) => attempt(() => chat.render([question, turn], { tools, addGenerationPrompt: false }))
  const forms = takenCalls.map((taken) => ({ taken, written: answered(withCalls(made, taken)) }))
  // In Python's quotes arguments are as it prints values, which is no JSON.
  const quoted = new RegExp(`'(\\{")?${argument}`)
  const { taken, written } = forms.find((form) => form.written !== '' && !quoted.test(form.written)) ?? forms[0]!
  const knows = { tools: shown.includes(name), calls: shown.includes(name) && (written === '' || written.includes(called)) }
  const answerOf = (turn: ChatMessage): string => {
    const all = answered(turn)
    // A prompt may begin a thought, of which the template keeps nothing: what is said is learned behind it.
    return all.startsWith(shown) ? all.slice(shown.length) : attempt(() => lastAnswer(chat.renderWithSpans([question, turn], { tools, lastOnly: true })))
  }
  const formOf = (): CallForm | undefined => {
    // In turns of our own they do.
    if (!knows.tools) return ours
    const said = { role: 'assistant', content: '' }
    const form = knows.calls
      ? callFormOf((what) =>
          answerOf('words' in what ? { ...said, content: what.words } : withCalls({ ...said, toolCalls: probeCalls.slice(0, what.calls) }, taken)),
        )
      : toldForm(shown)
    return form ?? (`${shown}${written}`.includes(callOpen) ? ours : undefined)
  }
  const form = formOf()
  const text = answerOf(knows.calls ? withCalls(made, taken) : asText(made, form))
  const abilities = { ...knows, taken, form, call: { text, name: called, argument } }
  known.set(chat, abilities)
  return abilities
}

/** What a prompt says of calls that its template then shows none of, as Granite's do. */
function toldForm(prompt: string): CallForm | undefined {
  const [, mark] = /(<[^<>\s]+>) followed by a JSON list/.exec(prompt) ?? []
  return mark === undefined ? undefined : listBehind(mark)
}

const lastAnswer = ({ text, assistantSpans }: RenderedChat): string => {
  const { start, end } = assistantSpans.at(-1)!
  return text.slice(start, end)
}

/** A template that cannot write something does not know it. */
const attempt = (render: () => string): string => {
  try {
    return render()
  } catch {
    return ''
  }
}
