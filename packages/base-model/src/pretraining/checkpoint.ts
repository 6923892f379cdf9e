import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FileWeights, readHeader } from '@weft/model'
import type { AdamW, Parameter } from '@weft/training'
import { type OutTensor, writeSafetensors } from '../safetensors.ts'

const file = join(fileURLToPath(new URL('../../../../', import.meta.url)), '.weft', 'pretraining', 'checkpoint.safetensors')

/** Parameters and the optimizer's state after `step` steps. Written beside the old one and then put in its place. */
export const saveCheckpoint = (step: number, parameters: readonly Parameter[], optimizer: AdamW): void => {
  const tensors: Record<string, OutTensor> = {}
  for (const { name, shape, data } of parameters) {
    tensors[`params.${name}`] = { shape, data }
    for (const [slot, values] of Object.entries(optimizer.slots()[name])) tensors[`${slot}.${name}`] = { shape, data: values }
  }
  mkdirSync(dirname(file), { recursive: true })
  writeSafetensors(`${file}.new`, tensors, { step: String(step) })
  renameSync(`${file}.new`, file)
}

/** Puts the last checkpoint back; undefined when there is none. Returns its step. */
export const loadCheckpoint = (parameters: readonly Parameter[], optimizer: AdamW): number | undefined => {
  if (!existsSync(file)) return undefined
  const weights = new FileWeights(readHeader(file))
  for (const { name, data } of parameters) {
    data.set(weights.readSync(`params.${name}`))
    for (const [slot, values] of Object.entries(optimizer.slots()[name])) values.set(weights.readSync(`${slot}.${name}`))
  }
  const head = readFileSync(file).subarray(8)
  const step = Number(/"step":"(\d+)"/.exec(head.subarray(0, 200).toString())![1])
  optimizer.steps = step
  return step
}
