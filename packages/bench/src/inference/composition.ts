import {
  type AdapterRef,
  type Canonical,
  type Composed,
  canonical,
  compose,
  type LoadedAdapter,
  type ModelSpec,
  outputOperators,
  parse,
  print,
  splitModel,
} from '@weft/adapters'
import { asksBase } from '@weft/inference/sampling/combine-outputs'
import { compositionBare } from '../errors.ts'

const BASE = 'base'

type Adapters = ReadonlyMap<string, LoadedAdapter>

/** Without the base model in front, which requests name: `base + a` is `a`. @throws WeftError `composition_bare` where nothing is beside it, `model_not_first` */
export const besideBase = (expression: string): string => {
  const { rest } = splitModel(parse(expression), [BASE], '')
  if (!rest) throw compositionBare(expression)
  return print(rest)
}

/** An expression over adapters by name, in its canonical form. */
export const canonicalOf = (expression: string, adapters: Adapters): Canonical =>
  canonical(parse(expression), ({ name }: AdapterRef) => {
    const {
      digest,
      manifest: { sites, shared },
    } = adapters.get(name)!
    return { ref: `${name}@1`, digest, sites, ...(shared && { shared }) }
  })

/** The tensors of what acts inside the model. @throws WeftError `outputs_inside` for what has several compositions */
export const tensorsOf = (arranged: Canonical, adapters: Adapters, spec: ModelSpec): Composed =>
  compose(arranged, new Map([...adapters.values()].map((adapter) => [adapter.digest, adapter])), spec)

/** An expression's tensors, over adapters by name. */
export const compositionOf = (expression: string, adapters: Adapters, spec: ModelSpec): Composed => tensorsOf(canonicalOf(expression, adapters), adapters, spec)

/** Rows of the decode batch that a request takes: of `experts(a, b)` three, one of them the base's. */
export const rowsTaken = (expression: string): number => {
  const parsed = parse(expression)
  const operator = outputOperators.find((each) => each === parsed.kind)
  return operator && 'terms' in parsed ? parsed.terms.length + (asksBase(operator) ? 1 : 0) : 1
}
