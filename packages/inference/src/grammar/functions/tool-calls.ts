import type { Grammar, ToolFunction } from '@weft/protocol'
import { callOpen } from '@weft/protocol'
import { type CallForm, endOfCall, type FormPart, ours, partsOf } from '../../chat/call-form.ts'
import { inFunction } from '../../errors.ts'
import type { Term, Terms } from '../automaton/terms.ts'
import { SchemaDocuments } from '../json-schema/schema.ts'
import { leftOut, refused } from '../json-schema/unenforced.ts'
import { JsonText } from '../json-text.ts'
import { type Mark, textUntil } from './text-until.ts'

export type ToolCalls = Extract<Grammar, { type: 'tool_calls' }> & {
  /** How the model's template writes calls; as the edge reads them where absent. */
  form?: CallForm | undefined
}

/**
 * A call of one of the functions, in the form that the model's template has. Where calling is the model's choice, any text, behind whose mark calls may
 * follow (one at most with `single`), or that `text` or calls in its place. Calls without a mark stand in place of any text, and what begins as one is one.
 */
export function toolCalls(terms: Terms, { functions, optional, single, form = ours }: ToolCalls, text?: Term): Term {
  const json = new JsonText(terms)
  const written = (piece: string): Term => termOf(terms, partsOf(piece))
  const [before, between] = [written(form.before), written(form.between)]
  // Where nothing ends a name, it may go on as another's.
  const decided = form.between === '' ? terms.empty : terms.cut
  const callWith = (end: Term): Term =>
    terms.choice(functions.map((each) => terms.sequence(before, terms.text(each.name), between, decided, argumentsOf(json, each), end)))
  if (!optional) return callWith(terms.text(endOfCall(form)))
  const call = callWith(written(form.behind))
  const more = single || form.next === null ? terms.empty : terms.repeat(terms.sequence(written(form.next), call))
  const calls = terms.sequence(written(form.opening), call, more, written(form.close))
  // In text, the tag of the edge would be read as the beginning of a call.
  const others: readonly Mark[] = form.mark === callOpen ? [] : [{ mark: callOpen, after: terms.nothing }]
  if (form.mark === '') return terms.choice([text ?? textUntil(terms, others), calls])
  if (text !== undefined) return terms.choice([text, terms.sequence(terms.text(form.mark), calls)])
  return textUntil(terms, [{ mark: form.mark, after: calls }, ...others])
}

/** Most characters of an id that a model gives a call. */
const LONGEST_ID = 40

function termOf(terms: Terms, parts: readonly FormPart[]): Term {
  const each = parts.map((part) => {
    if ('text' in part) return terms.text(part.text)
    if ('blank' in part) return terms.optional(terms.text(part.blank))
    if ('optional' in part) return terms.optional(termOf(terms, part.optional))
    return part.any === 'id' ? terms.repeat(terms.bytes(rangesOf('09AZaz--__')), 1, LONGEST_ID) : terms.repeat(terms.bytes(rangesOf('09')), 1, 4)
  })
  return terms.sequence(...each)
}

/** Ranges of bytes, by the first and the last character of each. */
const rangesOf = (ends: string): [number, number][] => (ends.match(/../g) ?? []).map((range) => [range.charCodeAt(0), range.charCodeAt(1)])

/** The arguments of a function. @throws WeftError as `SchemaDocuments`, with the function's name in `details.function` */
export function argumentsOf(json: JsonText, { name, parameters, strict }: ToolFunction): Term {
  try {
    return new SchemaDocuments(json, parameters ?? { type: 'object', properties: {} }, strict ? refused : leftOut).documents
  } catch (error) {
    throw inFunction(name, error)
  }
}
