import { join } from 'node:path'
import { expect, test } from 'vitest'
import { RandomWeights } from '../../checkpoint/random.ts'
import { loadModel } from '../../load.ts'
import { writeGguf } from '../../testing/gguf.ts'
import { tinyGguf } from '../../testing/tiny-gguf.ts'
import { temporaryFolder, tinyConfig } from '../../testing/tiny-llama.ts'

type Tiny = ReturnType<typeof tinyGguf>

/** A llama's file, as one of another architecture. */
function written(architecture: string, config: Partial<typeof tinyConfig>, change: (model: Tiny) => void = () => {}): string {
  const { metadata, tensors } = tinyGguf({ ...tinyConfig, ...config })
  const own: Tiny = {
    metadata: Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key.replace(/^llama\./, `${architecture}.`), value])),
    tensors,
  }
  own.metadata['general.architecture'] = architecture
  change(own)
  return writeGguf(join(temporaryFolder(), 'tiny.gguf'), own.metadata, own.tensors)
}

const refused = (code: string, message: string) => expect.objectContaining({ code, message: expect.stringContaining(message) })

test('SmolLM3: every fourth layer does not rotate; queries and keys are those of the model', async () => {
  const model = await loadModel(written('smollm3', { num_hidden_layers: 5 }))
  expect(model.spec.architecture).toBe('smollm3')
  expect(model.config).toMatchObject({ rotatingLayers: [true, true, true, false, true], ropeTheta: 10_000, tieWordEmbeddings: true })
  const weights = new RandomWeights(model.spec.weights, { std: 0.3 })
  for (const name of weights.names) expect(model.weights.readSync(name), name).toEqual(weights.readSync(name))
  await expect(loadModel(written('smollm3', {}, ({ metadata }) => (metadata['smollm3.attention.sliding_window'] = 8)))).rejects.toThrowError(
    refused('unsupported_config', 'smollm3.attention.sliding_window 8'),
  )
})
