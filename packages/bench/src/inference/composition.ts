import { type AdapterRef, type Composed, canonical, compose, type LoadedAdapter, type ModelSpec, parse } from '@weft/adapters'

/** An expression's tensors, over adapters by name. */
export const compositionOf = (expression: string, adapters: ReadonlyMap<string, LoadedAdapter>, spec: ModelSpec): Composed => {
  const resolve = ({ name }: AdapterRef) => {
    const {
      digest,
      manifest: { sites, shared },
    } = adapters.get(name)!
    return { ref: `${name}@1`, digest, sites, ...(shared && { shared }) }
  }
  return compose(canonical(parse(expression), resolve), new Map([...adapters.values()].map((adapter) => [adapter.digest, adapter])), spec)
}
