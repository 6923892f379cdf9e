import { type FloatTensor, floatTensor, type SiteState, writeSafetensors } from '@weft/adapters'

/** Ranks that vLLM makes room for (`MaxLoRARanks` of vllm/config/lora.py, 0.32). */
export const vllmRanks = [1, 8, 16, 32, 64, 128, 256, 320, 512] as const

/** The smallest of vLLM's ranks that every module of a `linear` state fits in; undefined where none is. */
export function rankOf(state: SiteState): number | undefined {
  const largest = Math.max(1, ...modulesOf(state).map((module) => state[`${module}.a`].shape[0]))
  return vllmRanks.find((rank) => rank >= largest)
}

/** The modules that low-rank terms act on. */
export const modulesOf = (state: SiteState): string[] => Object.keys(state).flatMap((name) => (name.endsWith('.a') ? [name.slice(0, -2)] : []))

/**
 * A `linear` state as the two files of a PEFT folder: every module has one rank, filled up with zeros, and the strengths are in the numbers
 * already (`lora_alpha` = `r`).
 * @param state `<module>.a [R,in]`, `<module>.b [out,R]`, without biases
 */
export function peftFolder(state: SiteState, rank: number): Record<'adapter_config.json' | 'adapter_model.safetensors', Uint8Array<ArrayBuffer>> {
  const modules = modulesOf(state)
  const tensors = Object.fromEntries(
    modules.flatMap((module) => [
      [`base_model.model.${module}.lora_A.weight`, padRows(state[`${module}.a`] as FloatTensor, rank)],
      [`base_model.model.${module}.lora_B.weight`, padColumns(state[`${module}.b`] as FloatTensor, rank)],
    ]),
  )
  const config = { bias: 'none', inference_mode: true, lora_alpha: rank, peft_type: 'LORA', r: rank, target_modules: modules, task_type: 'CAUSAL_LM' }
  return {
    'adapter_config.json': new TextEncoder().encode(`${JSON.stringify(config, null, 2)}\n`) as Uint8Array<ArrayBuffer>,
    'adapter_model.safetensors': writeSafetensors(tensors, { format: 'pt' }),
  }
}

/** `[R,n]` → `[rank,n]` */
function padRows({ shape: [, columns], data }: FloatTensor, rank: number): FloatTensor {
  const padded = floatTensor([rank, columns])
  padded.data.set(data)
  return padded
}

/** `[n,R]` → `[n,rank]` */
function padColumns({ shape: [rows, columns], data }: FloatTensor, rank: number): FloatTensor {
  const padded = floatTensor([rows, rank])
  for (let row = 0; row < rows; row++) padded.data.set(data.subarray(row * columns, (row + 1) * columns), row * rank)
  return padded
}
