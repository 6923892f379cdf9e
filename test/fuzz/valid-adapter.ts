import { floatTensor, Random, writeAdapter } from '@weft/adapters'

/** A small adapter that a base of these sizes accepts: two rows of a prompt, as `prompt-tuning` trains them. */
export const validAdapter = (base: { name: string; fingerprint: string; architecture: string }, hiddenSize: number): Promise<Uint8Array<ArrayBuffer>> => {
  const random = new Random('adapter')
  const rows = floatTensor(
    [2, hiddenSize],
    Float32Array.from({ length: 2 * hiddenSize }, () => random.normal(0, 0.1)),
  )
  const manifest = { method: 'prompt-tuning', config: { numVirtualTokens: 2 }, base, task: 'CAUSAL_LM' as const, lineage: {} }
  return writeAdapter(manifest, { inputsEmbeds: { rows } })
}
