import { bytesOf, type FloatTensor, type ModelSpec } from '@weft/adapters'
import { controlVectorOfLayerZero } from '../errors.ts'

/** What llama.cpp calls an architecture, where not as Hugging Face does. */
const CALLED: Readonly<Record<string, string>> = { mistral: 'llama', gemma3_text: 'gemma3' }

/** GGUF's own default: where a tensor may begin. */
const ALIGNMENT = 32

/**
 * llama.cpp's control vector of vectors `[H]` by layer: `direction.<layer>` in F32, little-endian, which `readControlVector` reads back bit for bit. The format is
 * GGUF version 3 (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). Layers count from 0, and llama.cpp has none at 0. Error 422 `control_vector_layer`.
 */
export async function writeControlVector(vectors: ReadonlyMap<number, FloatTensor>, { architecture }: ModelSpec): Promise<Uint8Array<ArrayBuffer>> {
  if (vectors.has(0)) throw controlVectorOfLayerZero()
  const { serializeGgufMetadata, GGUFValueType, GGMLQuantizationType } = await import('@huggingface/gguf')
  const text = (value: string) => ({ value, type: GGUFValueType.STRING })
  const head = serializeGgufMetadata(
    {
      version: { value: 3, type: GGUFValueType.UINT32 },
      tensor_count: { value: BigInt(vectors.size), type: GGUFValueType.UINT64 },
      kv_count: { value: 3n, type: GGUFValueType.UINT64 },
      'general.architecture': text('controlvector'),
      'controlvector.model_hint': text(CALLED[architecture] ?? architecture),
      'controlvector.layer_count': { value: vectors.size, type: GGUFValueType.INT32 },
    } as unknown as Parameters<typeof serializeGgufMetadata>[0], // whose types know architectures of models only
    { alignment: 1 }, // the tensors' table follows without a gap
  )
  const tensors = [...vectors].map(([layer, tensor]) => ({ name: Buffer.from(`direction.${layer}`), bytes: bytesOf(tensor) }))
  let offset = 0
  const table = tensors.map(({ name, bytes }) => {
    const row = Buffer.alloc(8 + name.length + 4 + 8 + 4 + 8)
    let at = row.writeBigUInt64LE(BigInt(name.length))
    at += name.copy(row, at)
    at = row.writeUInt32LE(1, at) // axes
    at = row.writeBigUInt64LE(BigInt(bytes.length / 4), at)
    at = row.writeUInt32LE(GGMLQuantizationType.F32, at)
    row.writeBigUInt64LE(BigInt(offset), at)
    offset = aligned(offset + bytes.length)
    return row
  })
  return new Uint8Array(Buffer.concat([padded(Buffer.concat([head, ...table])), ...tensors.map(({ bytes }) => padded(bytes))]))
}

const aligned = (length: number): number => Math.ceil(length / ALIGNMENT) * ALIGNMENT

const padded = (bytes: Uint8Array): Buffer => Buffer.concat([bytes], aligned(bytes.length))
