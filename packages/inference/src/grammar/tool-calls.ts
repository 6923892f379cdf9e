import type { Grammar, ToolFunction } from '@weft/protocol'
import { callClose, callOpen } from '@weft/protocol'
import { inFunction } from '../errors.ts'
import type { Term, Terms } from './automaton/terms.ts'
import { SchemaDocuments } from './json-schema/schema.ts'
import { leftOut, refused } from './json-schema/unenforced.ts'
import { JsonText } from './json-text.ts'

/** A call that is all of an answer, where a chat template has it in no tags (Llama 3): what stands around its function's name, before the arguments. */
export interface WholeCall {
  before: string
  between: string
}

export type ToolCalls = Extract<Grammar, { type: 'tool_calls' }> & { whole?: WholeCall | undefined }

/** What the edge reads, and most templates write. */
const ours: WholeCall = { before: '{"name": "', between: '", "arguments": ' }

/** The beginning of a call: names have no character that JSON escapes. */
export const headerOf = (name: string, { before, between } = ours): string => `${before}${name}${between}`

/**
 * A call of one of the functions, as `{"name": "…", "arguments": {…}}`. Where calling is the model's choice, any text, behind which calls may
 * follow (one at most with `single`), or that `text` or calls in its place, each call in the tags that chat templates teach (Hermes, Qwen).
 * A `whole` call stands in place of any text, and what begins as one is one.
 */
export function toolCalls(terms: Terms, { functions, optional, single, whole }: ToolCalls, text?: Term): Term {
  const json = new JsonText(terms)
  const call = terms.choice(
    functions.map((each) => terms.sequence(terms.text(headerOf(each.name, whole)), terms.cut, argumentsOf(json, each), terms.text('}'))),
  )
  if (!optional) return call
  // In text, a tag would be read as the beginning of a call.
  if (whole) return terms.choice([text ?? textUntil(terms, callOpen, terms.nothing), call])
  const tagged = terms.sequence(terms.repeat(terms.text('\n'), 0, 1), call, terms.repeat(terms.text('\n'), 0, 1), terms.text(callClose))
  const another = terms.sequence(terms.repeat(terms.text('\n'), 0, 1), terms.text(callOpen), tagged)
  const calls = single ? tagged : terms.sequence(tagged, terms.repeat(another))
  return text === undefined ? textUntil(terms, callOpen, calls) : terms.choice([text, terms.sequence(terms.text(callOpen), calls)])
}

/** The arguments of a function. @throws WeftError as `SchemaDocuments`, with the function's name in `details.function` */
export function argumentsOf(json: JsonText, { name, parameters, strict }: ToolFunction): Term {
  try {
    return new SchemaDocuments(json, parameters ?? { type: 'object', properties: {} }, strict ? refused : leftOut).documents
  } catch (error) {
    throw inFunction(name, error)
  }
}

/** Any bytes, and `after` once they end in `mark` (Knuth, Morris & Pratt 1977): rule `n` has read the first `n` bytes of it. */
function textUntil(terms: Terms, mark: string, after: Term): Term {
  const bytes = [...new TextEncoder().encode(mark)]
  const rules = bytes.map((_, n) => terms.rule(`${n} bytes of ${mark}`))
  const matched = (read: readonly number[]): number => {
    for (let length = Math.min(read.length, bytes.length); length > 0; length--)
      if (bytes.slice(0, length).every((byte, i) => byte === read[read.length - length + i])) return length
    return 0
  }
  for (const [n, { rule }] of rules.entries()) {
    const interesting = [...new Set(bytes)]
    const steps = interesting.map((byte) => {
      const length = matched([...bytes.slice(0, n), byte])
      return terms.sequence(terms.bytes([[byte, byte]]), length === bytes.length ? after : rules[length].term)
    })
    const sorted = interesting.sort((a, b) => a - b)
    const others = [-1, ...sorted].map((byte, i): [number, number] => [byte + 1, (sorted[i] ?? 256) - 1]).filter(([low, high]) => low <= high)
    rule.body = terms.choice([terms.empty, ...steps, terms.sequence(terms.bytes(others), rules[0].term)])
  }
  return rules[0].term
}
