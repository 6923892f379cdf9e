import { isWeftError, nearest, type WeftError } from '@weft/adapters'
import { type ChatCompletionRequest, expectedObject, type Grammar, type Prompt, type ToolFunction, takesObject } from '@weft/protocol'
import { invalidRequest, ofField } from '../errors.ts'
import type { AnswerForm } from './answer-form.ts'

/**
 * How calls stand in an answer: all of it is the arguments of one function (`name`), or it is one call with its name (`written`), or it is text
 * with calls in tags behind it (`tagged`), or in place of it where the text has a form.
 */
export type CallForm = { kind: 'arguments'; name: string } | { kind: 'written' } | { kind: 'tagged'; formed?: true }

type TextGrammar = Exclude<Grammar, { type: 'tool_calls' }>

export interface ToolChoice {
  /** What the prompt is given of it. */
  asked: Pick<Extract<Prompt, { messages: unknown }>, 'tools' | 'call'>
  form: AnswerForm
  calls: CallForm
}

/** The model reads of all functions, and may call these. */
interface AllowedFunctions {
  mode: 'auto' | 'required'
  names: readonly string[]
}

export interface AskedFunctions {
  functions: ToolFunction[]
  choice: 'none' | 'auto' | 'required' | { name: string } | AllowedFunctions | null | undefined
  /** No more than one call. */
  single: boolean
  /** Where the request has the function at a place, or a field of it. */
  at: (place: number, field?: 'name' | 'parameters') => string
  /** Where it has the name of the one function that has to be called, or with a place one of those that may be. */
  chosenAt: (place?: number) => string
}

/** What a chat asks about functions. */
export const chatFunctions = ({
  tools,
  toolChoice: choice,
  parallelToolCalls,
}: Pick<ChatCompletionRequest, 'tools' | 'toolChoice' | 'parallelToolCalls'>): AskedFunctions => ({
  functions: (tools ?? []).map((tool) => tool.function),
  choice: typeof choice !== 'object' || choice === null ? choice : choice.type === 'function' ? choice.function : allowedIn(choice.allowedTools),
  single: parallelToolCalls === false,
  at: (place, field) => `tools[${place}].function${field ? `.${field}` : ''}`,
  chosenAt: (place) => `tool_choice${place === undefined ? '' : `.allowed_tools.tools[${place}]`}.function.name`,
})

const allowedIn = ({ mode, tools }: { mode: AllowedFunctions['mode']; tools: readonly { function: { name: string } }[] }): AllowedFunctions => ({
  mode,
  names: tools.map((tool) => tool.function.name),
})

/** Most functions that a message lists where none is near. */
const mostListed = 24

function unknownFunction(name: string, functions: readonly ToolFunction[], param: string): Error {
  const known = functions.map((each) => each.name)
  const near = nearest(name, known, 1)
  const told = near.length > 0 ? `; did you mean "${near[0]}"?` : known.length <= mostListed ? `; there are ${known.map((each) => `"${each}"`).join(', ')}` : ''
  return invalidRequest(`"${name}" is not among the tools${told}`, param)
}

/**
 * Which functions may be called, and how; null where none may. Error 400 `invalid_request`
 * @param text what text has to be where it is answered; where a call has to be made, no text is
 */
export function toolChoice({ functions, choice, single, at, chosenAt }: AskedFunctions, text: AnswerForm | null = null): ToolChoice | null {
  if (functions.length === 0) {
    if (choice === 'required' || (typeof choice === 'object' && choice)) throw invalidRequest('expected "tools" beside it', 'tool_choice')
    return null
  }
  for (const [i, each] of functions.entries()) {
    if (functions.findIndex(({ name }) => name === each.name) !== i) throw invalidRequest(`there are two functions "${each.name}"`, at(i, 'name'))
    if (!takesObject(each)) throw invalidRequest(expectedObject, at(i, 'parameters'))
  }
  if (choice === 'none') return null
  const chosen = typeof choice === 'object' && choice ? choice : undefined
  const names = chosen && ('names' in chosen ? chosen.names : [chosen.name])
  const known = new Set(functions.map(({ name }) => name))
  const unknown = names?.findIndex((name) => !known.has(name)) ?? -1
  if (names && unknown >= 0) throw unknownFunction(names[unknown]!, functions, chosenAt('names' in chosen! ? unknown : undefined))
  const callable = names ? functions.filter(({ name }) => names.includes(name)) : functions
  const isRequired = choice === 'required' || (chosen && (!('mode' in chosen) || chosen.mode === 'required'))
  const [only] = callable
  if (isRequired && callable.length === 1) {
    const schema = only!.parameters ?? { type: 'object', properties: {} }
    const param = at(functions.indexOf(only!), 'parameters')
    const grammar: Grammar = { type: 'json_schema', schema, ...(!only!.strict && { relaxed: true }) }
    const { name } = only!
    return { asked: { tools: functions, call: { name } }, form: { grammar, param }, calls: { kind: 'arguments', name } }
  }
  if (isRequired) {
    const grammar: Grammar = { type: 'tool_calls', functions: callable, optional: false }
    return { asked: { tools: functions, call: {} }, form: { grammar, param: 'tools' }, calls: { kind: 'written' } }
  }
  const grammar: Grammar = {
    ...{ type: 'tool_calls' as const, functions: callable, optional: true },
    ...(single && { single }),
    ...(text && { text: text.grammar as TextGrammar }),
  }
  return {
    asked: { tools: functions },
    form: { grammar, param: 'tools', ...(text && { textParam: text.param }) },
    calls: { kind: 'tagged', ...(text && { formed: true }) },
  }
}

/** Functions that the prompt does not tell of, and that a request has all the same: what is wrong with one is said as of any. */
export const untold = (choice: ToolChoice | null, { functions }: AskedFunctions): { untoldFunctions?: ToolFunction[] } =>
  choice === null && functions.length > 0 ? { untoldFunctions: functions } : {}

/** The runner refuses the schema of a function by its name; the client wrote it in a field. */
export async function sayingFunction<T>({ functions, at }: AskedFunctions, answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    const place = isWeftError(error) ? functions.findIndex(({ name }) => name === error.details?.function) : -1
    throw place < 0 ? error : ofField(error as WeftError, at(place, 'parameters'))
  }
}
