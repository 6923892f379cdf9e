import { totalmem } from 'node:os'
import { byteSize, elementCount } from '@weft/graph'
import { frozenWeight, type LoadedModel, storageOf } from '@weft/model'
import { modelTooLarge } from '../errors.ts'

/** Bytes of a model's frozen weights as its precision holds them; what kernels rearrange comes on top. */
export const weightBytes = (model: LoadedModel): number =>
  model.weights.names.reduce((sum, name) => {
    const tensors = Object.values(storageOf(model, name).tensors(frozenWeight(model, name)))
    return sum + tensors.reduce((bytes, { dtype, shape }) => bytes + elementCount(shape) * byteSize[dtype], 0)
  }, 0)

/**
 * Refuses a model that cannot be held, before any weight is read.
 * @param memory bytes that this process may have: the machine's, or its container's where that is less
 * @throws WeftError `model_too_large`
 */
export function requireMemory(model: LoadedModel, memory = Math.min(totalmem(), process.constrainedMemory() || Infinity)): void {
  const needed = weightBytes(model)
  if (needed > memory) throw modelTooLarge(model.name, needed, memory)
}
