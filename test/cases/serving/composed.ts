import {
  type AdapterRef,
  type AdapterState,
  type Composed,
  canonical,
  compose,
  type LoadedAdapter,
  packComposition,
  parse,
  readAdapter,
  unpackComposition,
  writeAdapter,
} from '@weft/adapters'
import type { LoadedModel } from '@weft/model'

/** What a runner holds after an edge has composed these adapters, by name, and sent the result: the bytes too. */
export async function composedOf(
  model: LoadedModel,
  adapters: Readonly<Record<string, AdapterState>>,
  expression: string,
): Promise<{ composed: Composed; bytes: Uint8Array<ArrayBuffer> }> {
  const { name, fingerprint, spec } = model
  const loaded = new Map<string, LoadedAdapter>()
  const refs = new Map<string, LoadedAdapter>()
  for (const [adapter, state] of Object.entries(adapters)) {
    const bytes = await writeAdapter(
      { method: 'test', config: {}, task: 'CAUSAL_LM', lineage: {}, base: { name, fingerprint, architecture: spec.architecture } },
      state,
    )
    const read = await readAdapter(bytes, { model: spec })
    refs.set(adapter, read)
    loaded.set(read.digest, read)
  }
  const resolve = ({ name }: AdapterRef) => {
    const {
      digest,
      manifest: { sites },
    } = refs.get(name)!
    return { ref: `${name}@1`, digest, sites }
  }
  const bytes = packComposition(compose(canonical(parse(expression), resolve), loaded, spec), model)
  return { composed: unpackComposition(bytes, spec, model), bytes }
}
