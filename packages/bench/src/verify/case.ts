import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { readSafetensors, type StoredTensor, toFloat32, toIntegers } from '@weft/adapters'
import type { PeftConfig } from '@weft/methods'
import { z } from 'zod'

const caseSchema = z.looseObject({
  arch: z.string(),
  task: z.string(),
  method: z.string(),
  /** Name of the base model's folder. */
  base: z.string(),
  /** Present where the base has weights of its own, whose logits are large: they round more. */
  text: z.string().optional(),
  optimizer: z.looseObject({
    name: z.literal('AdamW'),
    lr: z.number(),
    weight_decay: z.number(),
    betas: z.tuple([z.number(), z.number()]),
    eps: z.number(),
    steps: z.int(),
  }),
})

/** What PEFT computed for one adapter on one base model. */
export interface GoldenCase {
  /** `<arch>/<method>.<task>` */
  name: string
  folder: string
  description: z.infer<typeof caseSchema>
  adapterConfig: PeftConfig
  /** Trainable parameters before training, under PEFT's names. */
  init: Tensors
  expected: Tensors
  /** `input_ids` of one row and what greedy generation made of it; absent for classifiers. */
  greedy?: Tensors
}

/** A safetensors file's tensors, converted when asked for. */
export interface Tensors {
  names: string[]
  has(name: string): boolean
  shape(name: string): number[]
  floats(name: string): Float32Array
  integers(name: string): number[]
}

/** Folders under `dir` that hold a case.json, by name. */
export const findCases = async (dir: string): Promise<{ name: string; folder: string }[]> => {
  const files = (await readdir(dir, { recursive: true })).filter((file) => /(^|[\\/])case\.json$/.test(file)).sort()
  return files.map((file) => {
    const folder = dirname(join(dir, file))
    const name = relative(dir, folder).split(/[\\/]/)
    // A folder of one architecture's cases, or one case alone, is named as it would be from above.
    return { name: (name.length > 1 ? name : join(dir, ...name).split(/[\\/]/)).filter(Boolean).slice(-2).join('/'), folder }
  })
}

export const readCase = async ({ name, folder }: { name: string; folder: string }): Promise<GoldenCase> => {
  const json = async (file: string): Promise<unknown> => JSON.parse(await readFile(join(folder, file), 'utf8'))
  return {
    name,
    folder,
    description: caseSchema.parse(await json('case.json')),
    adapterConfig: (await json(await adapterConfigOf(folder))) as PeftConfig,
    init: await readTensors(join(folder, 'init.safetensors')),
    expected: await readTensors(join(folder, 'case.safetensors')),
    ...(existsSync(join(folder, 'greedy.safetensors')) && { greedy: await readTensors(join(folder, 'greedy.safetensors')) }),
  }
}

/** PEFT puts an adapter that is not named `default` into a folder of its name. */
const adapterConfigOf = async (folder: string): Promise<string> => {
  const found = (await readdir(folder, { recursive: true })).filter((file) => /(^|[\\/])adapter_config\.json$/.test(file)).sort((a, b) => a.length - b.length)
  return found[0] ?? 'adapter_config.json'
}

/** PEFT's names of parameters hold the adapter's, which ours do not: all are read as if it were `default`. */
const withoutAdapterName = (name: string): string =>
  name.replace(/(\.(?:lora_[AB]|lora_embedding_[AB]|lora_magnitude_vector|ia3_l|modules_to_save)|(?:^|\.)prompt_encoder)\.[^.]+/, '$1.default')

const readTensors = async (file: string): Promise<Tensors> => {
  const tensors = Object.fromEntries(Object.entries(readSafetensors(await readFile(file)).tensors).map(([name, stored]) => [withoutAdapterName(name), stored]))
  const stored = (name: string): StoredTensor => {
    if (!tensors[name]) throw new Error(`${file} lacks the tensor ${name}`)
    return tensors[name]
  }
  return {
    names: Object.keys(tensors),
    has: (name) => name in tensors,
    shape: (name) => stored(name).shape,
    floats: (name) => toFloat32(stored(name), name),
    integers: (name) => toIntegers(stored(name), name),
  }
}
