import type { FloatTensor, ModelSpec } from '@weft/adapters'
import { controlVectorOfLayerZero } from '../errors.ts'
import { ggufNameOf } from '../gguf/architectures.ts'
import { int32, text, writeGguf } from '../gguf/writing/write-gguf.ts'

/**
 * llama.cpp's control vector of vectors `[H]` by layer: `direction.<layer>` in F32, which `readControlVector` reads back bit for bit. Layers count from 0, and
 * llama.cpp has none at 0. Error 422 `control_vector_layer`.
 */
export async function writeControlVector(vectors: ReadonlyMap<number, FloatTensor>, { architecture }: ModelSpec): Promise<Uint8Array<ArrayBuffer>> {
  if (vectors.has(0)) throw controlVectorOfLayerZero()
  return writeGguf(
    {
      'general.architecture': text('controlvector'),
      'controlvector.model_hint': text(ggufNameOf(architecture) ?? architecture),
      'controlvector.layer_count': int32(vectors.size),
    },
    new Map([...vectors].map(([layer, tensor]) => [`direction.${layer}`, tensor])),
  )
}
