import { type FloatTensor, floatTensor, type LowRank, type ModelSpec } from '@weft/adapters'
import type { TensorEntry } from '../checkpoint/header.ts'
import { FileWeights } from '../checkpoint/weights.ts'
import { invalidGguf, loraOfOtherModel, unsupportedGgufLora } from '../errors.ts'
import { ggufArchitectures, ggufNameOf } from '../gguf/architectures.ts'
import { readGguf } from '../gguf/gguf-file.ts'
import { type MetadataReader, metadataOf } from '../gguf/metadata.ts'
import { interleavedHeads, linearName, tensorName } from '../gguf/tensor-names.ts'
import { ALPHA, INVOCATION, KIND } from './metadata-keys.ts'

/** Whether a GGUF says that it is an adapter; a control vector says so by its architecture alone. */
export async function isGgufAdapter(file: string): Promise<boolean> {
  const { metadata } = await readGguf(file)
  return metadataOf(file, metadata).text('general.type') === 'adapter'
}

/**
 * llama.cpp's LoRA, as its convert_lora_to_gguf.py writes it: `<tensor>.lora_a`, `<tensor>.lora_b` (llama-adapter.cpp), under Hugging Face's names of layers and
 * with rows in their order. Throws what `readGguf` throws, 409 `wrong_base_model`, 422 `gguf_lora_unsupported` for what has no place in such additions.
 */
export async function readLowRank(file: string, model: ModelSpec): Promise<LowRank> {
  const { metadata, tensors } = await readGguf(file)
  const read = metadataOf(file, metadata)
  const type = read.neededText('adapter.type')
  if (type !== KIND) throw unsupportedGgufLora(file, `its adapter.type is "${type}", and "${KIND}" is read`)
  const architecture = read.neededText('general.architecture')
  if (architecture !== ggufNameOf(model.architecture))
    throw loraOfOtherModel(file, `its architecture is ${architecture}, and this model is ${told(model.architecture)}`)
  const halves = Map.groupBy(
    [...tensors].map(([name, entry]) => half(file, name, entry)),
    ({ of }) => of,
  )
  if (halves.size === 0) throw invalidGguf(file, 'it is a LoRA without a tensor.')
  const pairs = new Map([...halves].map(([of, found]) => pairOf(file, model, architecture, of, found)))
  const order = Object.keys(model.modules)
  const invocation = read.numbers(INVOCATION) ?? []
  return {
    alpha: alphaOf(read),
    pairs: new Map([...pairs].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b))),
    ...(invocation.length > 0 && { invocation }),
  }
}

const told = (architecture: string): string => {
  const name = ggufNameOf(architecture)
  return name === undefined ? `${architecture}, which is served from folders alone` : name
}

function alphaOf(read: MetadataReader): number {
  const alpha = read.number(ALPHA) ?? 0
  if (!(alpha >= 0 && Number.isFinite(alpha))) throw invalidGguf(read.file, `its ${ALPHA} is ${alpha}; expected 0 or more.`)
  return alpha
}

interface Half {
  /** llama.cpp's name of what it adds to. */
  of: string
  part: 'a' | 'b'
  name: string
  entry: TensorEntry
}

function half(file: string, name: string, entry: TensorEntry): Half {
  const [, of, part] = name.match(/^(.+)\.lora_([ab])$/) ?? []
  if (of !== undefined) return { of, part: part as 'a' | 'b', name, entry }
  const what = /norm\.(weight|bias)$/.test(name) ? 'a norm that was trained too' : name.endsWith('.bias') ? 'a bias that was trained too' : 'no half of a LoRA'
  throw unsupportedGgufLora(file, `it holds ${name}, ${what}, which would be left out`)
}

function pairOf(file: string, model: ModelSpec, architecture: string, of: string, halves: readonly Half[]): [string, { a: FloatTensor; b: FloatTensor }] {
  const stored = ggufArchitectures[architecture]
  const weight = tensorName(of, stored)
  const module = weight.replace(/\.weight$/, '')
  const size = of.endsWith('.weight') ? model.modules[module] : undefined
  if (!size) throw withoutLayer(file, model, of)
  const [out, input] = size
  const a = halves.find(({ part }) => part === 'a')
  const b = halves.find(({ part }) => part === 'b')
  if (!a || !b) throw invalidGguf(file, `it holds ${of}.lora_${a ? 'a' : 'b'} without ${of}.lora_${a ? 'b' : 'a'}.`)
  for (const { name, entry } of [a, b]) if (entry.shape.length !== 2) throw invalidGguf(file, `${name} is [${entry.shape}]; it has two axes.`)
  const [[rank, columns], [rows, ranks]] = [a.entry.shape, b.entry.shape]
  if (columns !== input || rows !== out)
    throw loraOfOtherModel(file, `it adapts ${of} as a layer from ${columns} to ${rows}, and this model's ${module} is one from ${input} to ${out}`)
  if (rank !== ranks || rank === 0) throw invalidGguf(file, `${a.name} is [${a.entry.shape}] and ${b.name} [${b.entry.shape}]: they have no rank in common.`)
  // Its converter reorders the rows of queries and keys; of B·A they are the rows of B.
  const heads = interleavedHeads(weight, stored, { query: model.numHeads, key: model.numKeyValueHeads })
  const entries = new Map([
    [a.name, a.entry],
    [b.name, { ...b.entry, ...(heads !== undefined && { interleavedHeads: heads }) }],
  ])
  const weights = new FileWeights(entries)
  return [module, { a: floatTensor([rank, input], weights.readSync(a.name)), b: floatTensor([out, rank], weights.readSync(b.name)) }]
}

function withoutLayer(file: string, { modules, numLayers }: ModelSpec, of: string): Error {
  const layer = Number(of.match(/^blk\.(\d+)\./)?.[1] ?? -1)
  if (layer >= numLayers) return loraOfOtherModel(file, `it adapts ${of}, and this model's layers are 0 to ${numLayers - 1}`)
  const adapted = [...new Set(Object.keys(modules).map((module) => linearName(module)?.replace(/^blk\.\d+\./, '')))].filter((name) => name !== undefined)
  return unsupportedGgufLora(file, `it adapts ${of}, and what can be adapted are linear layers: ${adapted.join(', ')}`)
}
