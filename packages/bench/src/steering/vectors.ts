import { writeAdapter } from '@weft/adapters'
import type { ModelSession } from '@weft/session'
import type { Pair } from './pair.ts'

interface Asked {
  method: string
  layers: readonly number[]
  pairs: readonly Pair[]
  /** Held-out pairs, so that none of `pairs` is set aside. */
  heldOut: readonly Pair[]
}

/** A vector behind each layer by itself, all of one reading of the pairs, kept in the session; their names by layer. */
export const vectorsOf = async (session: ModelSession, { method, layers, pairs, heldOut }: Asked): Promise<Map<number, string>> => {
  await session.steer('all', { method, config: { layers: [...layers] }, rows: rowsOf(pairs), heldOut: rowsOf(heldOut) })
  const { manifest, state } = session.adapter('all')
  const names = new Map<number, string>()
  for (const layer of layers) {
    const name = `layer-${layer}`
    const own = Object.fromEntries(Object.entries(state.residual).filter(([tensor]) => tensor.startsWith(`${layer}.`)))
    await session.add(name, await writeAdapter({ ...manifest, config: { ...manifest.config, layers: [layer] } }, { residual: own }))
    names.set(layer, name)
  }
  return names
}

const rowsOf = (pairs: readonly Pair[]) => pairs.map(({ positive, negative, prompt }) => ({ positive, negative, ...(prompt !== undefined && { prompt }) }))
