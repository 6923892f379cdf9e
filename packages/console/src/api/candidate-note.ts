import type { WeftClient } from '@weft/client'
import { type AdapterObject, candidateText, gateLines } from '@weft/protocol'

/** Why a version is none that its name stands for, and what its gate found; undefined of any other. */
export async function candidateNote(weft: Pick<WeftClient, 'adapters'>, adapter: AdapterObject): Promise<string | undefined> {
  if (!adapter.candidate) return undefined
  const isInForce = (await weft.adapters.versions(adapter.name)).some(({ aliases }) => aliases.includes('latest'))
  return [candidateText(adapter, isInForce), ...gateLines(adapter).map((line) => `${line}.`)].join(' ')
}
