import { callOpen, type GenerateEnd, type GenerateToken } from '@weft/protocol'
import { headerOf, type ToolCalls } from '../grammar/tool-calls.ts'

/**
 * The events of an answer that may be a call as a whole, with a call as other templates have it, which is what the edge reads: in a tag where it is
 * the model's choice, its arguments behind `"arguments"`. Tokens are held until it is told whether they begin one.
 */
export async function* readableCall(
  events: AsyncIterable<GenerateToken | GenerateEnd>,
  { functions, optional, whole }: ToolCalls,
): AsyncGenerator<GenerateToken | GenerateEnd> {
  const headers = functions.map(({ name }) => ({ name, header: headerOf(name, whole) }))
  let held: GenerateToken[] | undefined = []
  for await (const event of events) {
    if (!held || !('token' in event)) {
      yield* held ?? []
      held = undefined
      yield event
      continue
    }
    held.push(event)
    const begun = held.map(({ text }) => text).join('')
    if (headers.some(({ header }) => header.startsWith(begun) && header !== begun)) continue
    const called = headers.find(({ header }) => begun.startsWith(header))
    const text = called && `${optional ? callOpen : ''}${headerOf(called.name)}${begun.slice(called.header.length)}`
    for (const [i, token] of held.entries()) yield text === undefined ? token : { ...token, text: i === held.length - 1 ? text : '' }
    held = undefined
  }
}
