import { missingTensor, normTooLarge, notFinite, tensorDtype, tensorShape, unexpectedTensor } from '../errors.ts'
import type { ModelSpec } from '../model-spec.ts'
import { type FloatTensor, isFloat, type SiteState } from '../tensor.ts'
import { siteOf } from './index.ts'
import type { SiteShapes, TensorSpec } from './site.ts'

/** Longest vector accepted, an L2 norm over the last axis. Real prompts stay below 10²; attention overflows long after this. */
const maxVectorNorm = 1e4

/**
 * Checks a site's state against a model: which tensors are there, their dtypes and shapes, that every value is finite and
 * no vector is absurdly long. Errors are 422 and name `where/site.tensor`.
 */
export function validateState(name: string, state: SiteState, model: ModelSpec, where = 'state'): void {
  const site = siteOf(name)
  validateShapes(name, state, model, where, (tensorName, { dtype }) => {
    const [tensor, place] = [state[tensorName], `${where}/${name}.${tensorName}`]
    if (isFloat(tensor) !== (dtype === 'float32')) throw tensorDtype(place, dtype, isFloat(tensor) ? 'float32' : 'uint8')
  })
  for (const tensorName of Object.keys(site.tensors(model))) {
    const tensor = state[tensorName]
    if (tensor && isFloat(tensor)) checkValues(tensor, `${where}/${name}.${tensorName}`)
  }
  site.validate?.(state, model)
}

/** The part of it that asks for no value: which tensors are there, and their shapes. @param before of each, what is looked at first */
export function validateShapes(
  name: string,
  state: SiteShapes,
  model: ModelSpec,
  where = 'state',
  before: (tensor: string, spec: TensorSpec) => void = () => {},
): void {
  const specs = siteOf(name).tensors(model)
  const sizes = new Map<string, number | string>()
  for (const tensor of Object.keys(state)) {
    if (!Object.hasOwn(specs, tensor)) throw unexpectedTensor(`${where}/${name}`, tensor, Object.keys(specs))
  }
  for (const [tensorName, spec] of Object.entries(specs)) {
    const tensor = state[tensorName]
    const place = `${where}/${name}.${tensorName}`
    if (!tensor) {
      if (spec.optional) continue
      throw missingTensor(`${where}/${name}`, tensorName)
    }
    before(tensorName, spec)
    const { shape } = tensor
    const expected = spec.shape.map((dim, axis) => dim ?? sizes.get(spec.axes?.[axis] ?? '') ?? null)
    if (shape.length !== expected.length || expected.some((dim, axis) => dim !== null && dim !== shape[axis]) || shape.includes(0)) {
      throw tensorShape(place, shape.includes(0) ? expected.map((dim) => dim ?? 'at least 1') : expected, shape)
    }
    if (spec.with && !state[spec.with]) throw missingTensor(`${where}/${name}`, spec.with)
    spec.axes?.forEach((letter, axis) => letter && sizes.set(letter, shape[axis]))
  }
}

/** That every value is finite and no vector absurdly long. */
export function checkValues({ shape, data }: FloatTensor, place: string): void {
  const width = shape.at(-1) ?? 1
  for (let start = 0; start < data.length; start += width) {
    let square = 0
    for (let i = start; i < start + width; i++) square += data[i] * data[i]
    if (square <= maxVectorNorm * maxVectorNorm) continue
    for (let i = start; i < start + width; i++) if (!Number.isFinite(data[i])) throw notFinite(place, i, data[i])
    throw normTooLarge(place, Math.sqrt(square), maxVectorNorm)
  }
}
