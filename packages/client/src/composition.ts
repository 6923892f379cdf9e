import { type AdapterRef, type Expression, fromJson, parse, parseValue, print, WeftError } from '@weft/adapters'
import * as z from 'zod/mini'

/** A composition by its parts, in the order in which they act: the base model, adapters, texts. */
export interface CompositionParts {
  /** A base model's name; the runner's first when absent. */
  base?: string | undefined
  /** The strength of each adapter: `{ 'style/speech': 1, 'style/whale@2': 0.5 }`. */
  adapters?: Readonly<Record<string, number>> | undefined
  /** Texts behind the adapters: `['Answer briefly.']`. */
  texts?: readonly string[] | undefined
}

/** What a `model` field can say: an expression as text or as its tree, a route, or parts. */
export type Composition = string | Expression | { route: string } | CompositionParts

const routeSchema = z.strictObject({ route: z.string().check(z.minLength(1)) })
const partsSchema = z.strictObject({
  base: z.optional(z.string().check(z.minLength(1))),
  adapters: z.optional(z.record(z.string(), z.number())),
  texts: z.optional(z.array(z.string())),
})

/**
 * A composition as the text of a `model` field: `base + style/speech + 0.5*style/whale + "Answer briefly."`.
 * Errors 400 `invalid_request`, `expression_syntax`, `invalid_adapter_name`.
 */
export function compositionText(composition: Composition): string {
  if (typeof composition === 'string') return composition
  if ('kind' in composition) return print(fromJson(composition))
  if ('route' in composition) return parseValue(routeSchema, composition).route
  const { base, adapters = {}, texts = [] } = parseValue(partsSchema, composition)
  const terms: Expression[] = [
    ...Object.entries(adapters).map(([name, weight]): Expression => (weight === 1 ? adapter(name) : { kind: 'scale', weight, of: adapter(name) })),
    ...texts.map((text): Expression => ({ kind: 'text', text })),
  ]
  return [...(base === undefined ? [] : [base]), ...terms.map(print)].join(' + ') || 'base'
}

/** `name`, `name@2` or `name@prod`. */
function adapter(name: string): AdapterRef {
  const expression = parse(name)
  if (expression.kind === 'adapter') return expression
  throw new WeftError(
    'invalid_adapter_name',
    `${JSON.stringify(name)} names no adapter; expected a name such as style/speech, style/speech@2 or style/speech@prod`,
    {
      param: 'adapters',
    },
  )
}
