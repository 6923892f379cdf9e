import { modelNotFirst } from '../errors.ts'
import type { AdapterRef, Expression } from './expression.ts'
import { isPinned } from './print.ts'

/** An expression with its base model taken out. `rest` is null when nothing is composed. */
interface ModelAndRest {
  model: string
  rest: Expression | null
}

/**
 * The first term may name a base model: `base + a` → `base` and `a`; without one, `fallback` is the model.
 * Error 400 `model_not_first` when a model stands elsewhere or has a strength.
 */
export function splitModel(expression: Expression, models: readonly string[], fallback: string): ModelAndRest {
  const isModel = (term: Expression): term is AdapterRef => term.kind === 'adapter' && !isPinned(term) && models.includes(term.name)
  const terms = expression.kind === 'sum' ? expression.terms : [expression]
  const named = isModel(terms[0]) ? terms[0] : undefined
  const others = named ? terms.slice(1) : terms
  for (const ref of others.flatMap(adapterRefs)) if (isModel(ref)) throw modelNotFirst(ref.name)
  const rest = others.length === 0 ? null : others.length === 1 ? others[0] : { kind: 'sum' as const, terms: others, offset: others[0].offset }
  return { model: named?.name ?? fallback, rest }
}

/** Every adapter an expression names, in order, repetitions included. */
export function adapterRefs(expression: Expression): AdapterRef[] {
  switch (expression.kind) {
    case 'adapter':
      return [expression]
    case 'text':
      return []
    case 'scale':
      return adapterRefs(expression.of)
    default:
      return expression.terms.flatMap(adapterRefs)
  }
}
