import type { Chat } from '@weft/model'
import { abilitiesOf } from './template-abilities.ts'

/**
 * How the chat's template begins an answer that is a call: up to the arguments, where the function's `name` is known, else up to what tells the
 * name, with the JSON that it stands in. A model that learned calls learned them behind this. Empty where the template writes no JSON as arguments.
 */
export function callOpening(chat: Chat, { name }: { name?: string | undefined }): string {
  const { call, form } = abilitiesOf(chat)
  const begin = name === undefined ? beginOf(call.text, call.name, form?.before) : call.text.search(new RegExp(`\\{\\s*"${call.argument}"`))
  if (begin < 0) return ''
  // Most tokenizers have the space in one token with what follows, so the answer writes it.
  return call.text
    .slice(0, begin)
    .replace(/(?<=\S) $/, '')
    .replace(call.name, name ?? '')
}

/** Where a call begins in a text, by its function's name; −1 where it is not known how it does. */
function beginOf(text: string, name: string, before: string | undefined): number {
  const at = text.indexOf(name)
  const json = /\{[^{}[\]]*"$/.exec(text.slice(0, Math.max(0, at)))?.[0] ?? ''
  const isKnown = before === undefined ? /^\{\s*"name":\s*"$/.test(json) : (before === '') === (json === '')
  return at < 0 || !isKnown ? -1 : at - json.length
}
