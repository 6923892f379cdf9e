import { type FloatTensor, floatTensor, type ModelSpec } from '@weft/adapters'
import { FileWeights } from '../checkpoint/weights.ts'
import { controlVectorOfOtherModel, invalidGguf, noControlVector } from '../errors.ts'
import { readGguf } from '../gguf/gguf-file.ts'
import { metadataOf } from '../gguf/metadata.ts'

const ARCHITECTURE = 'controlvector'

/**
 * llama.cpp's control vector: `direction.<layer> [H]` is added to the residual stream behind that layer, counted from 0 (llama-adapter.cpp). Vectors by layer.
 * Throws what `readGguf` throws, 422 `no_control_vector`, 409 `wrong_base_model`.
 */
export async function readControlVector(file: string, { hiddenSize, numLayers }: ModelSpec): Promise<Map<number, FloatTensor>> {
  const { metadata, tensors } = await readGguf(file)
  const read = metadataOf(file, metadata)
  const architecture = read.neededText('general.architecture')
  if (architecture !== ARCHITECTURE) throw noControlVector(file, architecture)
  const weights = new FileWeights(tensors)
  const vectors = new Map<number, FloatTensor>()
  for (const [name, { shape }] of tensors) {
    const layer = Number(name.match(/^direction\.(0|[1-9]\d{0,3})$/)?.[1] ?? Number.NaN)
    if (Number.isNaN(layer)) throw invalidGguf(file, `a control vector has tensors direction.<layer>, and it holds ${name}.`)
    if (shape.length !== 1) throw invalidGguf(file, `${name} is [${shape}]; a direction has one axis.`)
    if (shape[0] !== hiddenSize) throw controlVectorOfOtherModel(file, `its vectors have ${shape[0]} numbers, this model's stream has ${hiddenSize}`)
    vectors.set(layer, floatTensor([hiddenSize], weights.readSync(name)))
  }
  if (vectors.size === 0) throw invalidGguf(file, 'it is a control vector without a direction.')
  // llama.cpp's cvector-generator writes how many directions it makes, one for every layer but the first, of which some may be left; repeng how many the file holds; others how
  // many layers the model has. llama.cpp's loader reads none of them. Another count is of another model, as far as can be seen: as wide, it would not be noticed otherwise.
  const counted = read.number(`${ARCHITECTURE}.layer_count`)
  if (counted !== undefined && ![numLayers, numLayers - 1, vectors.size].includes(counted))
    throw controlVectorOfOtherModel(
      file,
      `it is for a model of ${counted} layers, and this one has ${numLayers}, unless its layer_count counts something else (then: gguf-set-metadata FILE controlvector.layer_count ${numLayers})`,
    )
  const last = Math.max(...vectors.keys())
  if (last >= numLayers) throw controlVectorOfOtherModel(file, `it acts behind layer ${last}, this model's layers are 0 to ${numLayers - 1}`)
  return new Map([...vectors].sort(([a], [b]) => a - b))
}
