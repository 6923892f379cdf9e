import { errors } from '@weft/adapters'
import { type ConversationItem, contentText, type InputItem, type ItemContent } from '@weft/protocol'
import { newId } from '../identifiers.ts'
import { referencedItem } from './referenced-item.ts'

/** Items that are kept, by their ids, oldest first; those that are not there are missing. */
export type FindItems = (ids: readonly string[]) => Promise<ReadonlyMap<string, readonly ConversationItem[]>>

/** What a request gave, as it is kept: references looked up, every item with an id. Errors: 404 `item_not_found`; 400 `item_ambiguous`. */
export async function inputItems(input: string | readonly InputItem[], find: FindItems): Promise<ConversationItem[]> {
  if (typeof input === 'string') return [item({ role: 'user', content: input })]
  const ids = input.flatMap((each) => (each.type === 'item_reference' ? [each.id] : []))
  const referenced = ids.length > 0 ? await find(ids) : new Map<string, readonly ConversationItem[]>()
  return input.map((each, place) => {
    if (each.type !== 'item_reference') return item(each)
    const param = `input[${place}].id`
    const found = referencedItem(referenced.get(each.id) ?? [], param)
    if (!found) throw errors.notFound('item', each.id, [], param)
    return found
  })
}

function item(given: Exclude<InputItem, { type: 'item_reference' }>): ConversationItem {
  const status = given.status ?? 'completed'
  switch (given.type) {
    case 'function_call': {
      const { type, callId, name } = given
      return { type, id: given.id ?? newId('fc', '_'), status, callId, name, arguments: given.arguments }
    }
    case 'function_call_output': {
      const { type, callId, output } = given
      return {
        type,
        id: given.id ?? newId('fco', '_'),
        status,
        callId,
        output: typeof output === 'string' ? output : output.map(({ type, text }) => ({ type, text })),
      }
    }
    default:
      return { type: 'message', id: given.id ?? newId('msg', '_'), role: given.role, status, content: partsOf(given.role, given.content) }
  }
}

/** Text of the assistant is an answer's, whoever sent it. */
function partsOf(role: string, content: ItemContent): Extract<ConversationItem, { type: 'message' }>['content'] {
  const texts = typeof content === 'string' ? [content] : content.map((part) => contentText([part]))
  return texts.map((text) => (role === 'assistant' ? { type: 'output_text', text, annotations: [] } : { type: 'input_text', text }))
}
