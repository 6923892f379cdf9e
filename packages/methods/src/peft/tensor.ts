import type { FloatTensor } from '@weft/adapters'
import { missingTensor } from '@weft/adapters/errors'

/** A tensor of a PEFT checkpoint by name. Error 422 `tensor_missing`. */
export function peftTensor(tensors: Readonly<Record<string, FloatTensor>>, name: string): FloatTensor {
  const tensor = Object.hasOwn(tensors, name) ? tensors[name] : undefined
  if (!tensor) throw missingTensor('PEFT checkpoint', name)
  return tensor
}
