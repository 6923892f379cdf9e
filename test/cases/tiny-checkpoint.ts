import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { modelShape, RandomWeights, rawConfig } from '@weft/model'
import { tinyConfigs } from './tiny-configs.ts'

export interface Stored {
  dtype: string
  shape: readonly number[]
  bytes: Uint8Array
}
type Dtype = 'F32' | 'F16' | 'BF16'

export interface TinyCheckpoint {
  config?: Record<string, unknown>
  dtype?: Dtype
  /** Files that the tensors are spread over; more than one has an index. */
  shards?: number
  /** Files written as they are. */
  files?: Record<string, string | Uint8Array>
  change?: (tensors: Record<string, Stored>) => Record<string, Stored>
}

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'weft-'))

/** Tensors of random values that all three precisions hold exactly. */
export const tinyTensors = (architecture: string, dtype: Dtype = 'F32'): Record<string, Stored> => {
  const { spec } = modelShape(rawConfig(tinyConfigs[architecture]))
  const random = new RandomWeights(spec.weights, { std: 1 })
  return Object.fromEntries(
    random.names.map((name) => {
      // Eighths below 8: seven bits of significance.
      const values = random.readSync(name).map((value) => Math.round(Math.max(-7, Math.min(7, value)) * 8) / 8)
      return [name, { dtype, shape: random.shape(name), bytes: bytesOf(values, dtype) }]
    }),
  )
}

/** A model folder of this architecture, or of none when `architecture` has no tiny config. */
export const writeTinyCheckpoint = (
  architecture: string,
  { config, dtype = 'F32', shards = 1, files = {}, change = (tensors) => tensors }: TinyCheckpoint = {},
): string => {
  const folder = join(temporaryFolder(), 'model')
  mkdirSync(folder)
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...tinyConfigs[architecture], ...config }))
  const tensors = Object.entries(change(tinyConfigs[architecture] ? tinyTensors(architecture, dtype) : {}))
  const file = (n: number): string => (shards === 1 ? 'model.safetensors' : `model-${n + 1}-of-${shards}.safetensors`)
  const size = Math.ceil(tensors.length / shards)
  for (let n = 0; n < shards; n++) writeFileSync(join(folder, file(n)), safetensors(Object.fromEntries(tensors.slice(n * size, (n + 1) * size))))
  if (shards > 1)
    writeFileSync(
      join(folder, 'model.safetensors.index.json'),
      JSON.stringify({ weight_map: Object.fromEntries(tensors.map(([name], i) => [name, file(Math.floor(i / size))])) }),
    )
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return folder
}

const bytesOf = (values: Float32Array, dtype: Dtype): Uint8Array => {
  if (dtype === 'F32') return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  if (dtype === 'F16') return new Uint8Array(Float16Array.from(values).buffer)
  return new Uint8Array(Uint16Array.from(new Uint32Array(values.slice().buffer), (bits) => bits >>> 16).buffer)
}

const safetensors = (tensors: Record<string, Stored>): Buffer => {
  let offset = 0
  const header = JSON.stringify(
    Object.fromEntries(
      Object.entries(tensors).map(([name, { dtype, shape, bytes }]) => [name, { dtype, shape, data_offsets: [offset, (offset += bytes.length)] }]),
    ),
  )
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)))
  return Buffer.concat([length, Buffer.from(header), ...Object.values(tensors).map(({ bytes }) => bytes)])
}
