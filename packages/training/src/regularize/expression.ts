import {
  type AdapterRef,
  type Composed,
  canonical,
  compose,
  type FloatTensor,
  floatTensor,
  type LoadedAdapter,
  type ModelSpec,
  type PlacedComposition,
  parse,
  placedComposition,
  print,
  rowWidth,
  splitModel,
} from '@weft/adapters'
import { type LoadedModel, noTokenizer, tokenRows } from '@weft/model'
import { missingRequired } from '../errors.ts'

/** Adapters by the name that a specification calls them by. */
export type AdapterRegistry = ReadonlyMap<string, LoadedAdapter>

/** An expression over the adapters that a job was given. @throws TrainingError `missing_required`, and what composing refuses */
export const composedOf = (expression: string, registry: AdapterRegistry, model: ModelSpec): Composed => {
  const { rest } = splitModel(parse(expression), ['base'], 'base')
  const adapterOf = (reference: AdapterRef): LoadedAdapter => {
    const found = registry.get(print(reference)) ?? registry.get(reference.name)
    if (!found) throw missingRequired(print(reference))
    return found
  }
  const arranged = canonical(rest, (reference) => {
    const {
      digest,
      manifest: { sites, shared },
    } = adapterOf(reference)
    return { ref: print(reference), digest, sites, ...(shared && { shared }) }
  })
  return compose(arranged, new Map([...registry.values()].map((adapter) => [adapter.digest, adapter])), model)
}

/** Token embeddings of a text that stands among others, `[n, H]`, or as wide as embeddings are: without the special tokens of a beginning. */
export const embedText = (model: LoadedModel, text: string): FloatTensor => {
  const { tokenizer, spec, name } = model
  if (!tokenizer) throw noTokenizer(name)
  const ids = tokenizer.encode(text, { addSpecialTokens: false })
  return floatTensor([ids.length, rowWidth(spec)], tokenRows(model, ids))
}

/** An expression as it acts beside what is trained. */
export const placedExpression = (expression: string, registry: AdapterRegistry, model: LoadedModel): PlacedComposition =>
  placedComposition(composedOf(expression, registry, model.spec), model.spec, (text) => embedText(model, text))
