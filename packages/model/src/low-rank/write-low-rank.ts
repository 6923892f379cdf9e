import { type FloatTensor, floatTensor, type LowRank, type ModelSpec } from '@weft/adapters'
import { storedRow } from '../checkpoint/stored-order.ts'
import { noGgufNames } from '../errors.ts'
import { ggufArchitectures, ggufNameOf } from '../gguf/architectures.ts'
import { interleavedHeads, linearName } from '../gguf/tensor-names.ts'
import { float32, text, uint32s, writeGguf } from '../gguf/writing/write-gguf.ts'
import { ALPHA, INVOCATION, KIND } from './metadata-keys.ts'

/**
 * llama.cpp's LoRA: `<tensor>.lora_a`, `<tensor>.lora_b` in F32, which `readLowRank` reads back bit for bit, with what llama-adapter.cpp wants to find in the
 * metadata. Error 422 `gguf_names_unknown` for an architecture whose tensors are not known here by llama.cpp's names.
 */
export async function writeLowRank({ alpha, pairs, invocation }: LowRank, model: ModelSpec): Promise<Uint8Array<ArrayBuffer>> {
  const architecture = ggufNameOf(model.architecture)
  if (architecture === undefined) throw noGgufNames(model.architecture, Object.keys(ggufArchitectures))
  const tensors = new Map<string, FloatTensor>()
  for (const [module, { a, b }] of pairs) {
    const name = linearName(module)
    if (name === undefined) throw noGgufNames(`${model.architecture} (${module})`, Object.keys(ggufArchitectures))
    const heads = interleavedHeads(`${module}.weight`, ggufArchitectures[architecture], { query: model.numHeads, key: model.numKeyValueHeads })
    tensors.set(`${name}.weight.lora_a`, a)
    tensors.set(`${name}.weight.lora_b`, heads === undefined ? b : interleaved(b, heads))
  }
  return writeGguf(
    {
      'general.architecture': text(architecture),
      'general.type': text('adapter'),
      'adapter.type': text(KIND),
      [ALPHA]: float32(alpha),
      ...(invocation && { [INVOCATION]: uint32s(invocation) }),
    },
    tensors,
  )
}

/** Rows in the order in which llama.cpp keeps those of queries and keys. */
function interleaved({ shape, data }: FloatTensor, interleavedHeads: number): FloatTensor {
  const [rows, columns] = shape
  const stored = new Float32Array(data.length)
  for (let row = 0; row < rows; row++) stored.set(data.subarray(row * columns, (row + 1) * columns), storedRow({ shape, interleavedHeads }, row) * columns)
  return floatTensor([...shape], stored)
}
