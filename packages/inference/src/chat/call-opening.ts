import type { Chat } from '@weft/model'
import { abilitiesOf } from './template-abilities.ts'

/**
 * How the chat's template begins an answer that is a call: up to the arguments, where the function's `name` is known, else up to the JSON that
 * tells the name. A model that learned calls learned them behind this. Empty where the template writes calls in no such JSON.
 */
export function callOpening(chat: Chat, { name }: { name?: string | undefined }): string {
  const { call } = abilitiesOf(chat)
  const begin = call.text.search(name === undefined ? new RegExp(`\\{\\s*"name":\\s*"${call.name}"`) : new RegExp(`\\{\\s*"${call.argument}"`))
  if (begin < 0) return ''
  // Most tokenizers have the space in one token with what follows, so the answer writes it.
  return call.text
    .slice(0, begin)
    .replace(/(?<=\S) $/, '')
    .replace(call.name, name ?? '')
}
