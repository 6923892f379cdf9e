import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { loadModel } from '@weft/model'
import { describe, expect, test } from 'vitest'
import { type TinyCheckpoint, tinyTensors, writeTinyCheckpoint } from '../cases/tiny-checkpoint.ts'
import { refused } from '../support/refused.ts'
import { architectures } from '../support/tiny-adapters.ts'

const layersField: Record<string, string> = { gpt2: 'n_layer', distilbert: 'n_layers', t5: 'num_layers', mt5: 'num_layers' }
const hiddenField: Record<string, string> = { gpt2: 'n_embd', distilbert: 'dim', t5: 'd_model', mt5: 'd_model' }
/** How wide embeddings are in the checkpoint, and in the config.json that says more, where that is not the model's width. */
const embeddings: Record<string, { stored: number; said: number }> = { electra: { stored: 24, said: 48 } }

describe('a base model', () => {
  test('of an architecture that is not there is answered with those that are, before any weight is read', async () => {
    const folder = writeTinyCheckpoint('none', { config: { model_type: 'mamba' }, files: { 'model.safetensors': 'not read' } })
    await expect(loadModel(folder)).rejects.toThrow(refused('unsupported_architecture', '"mamba"', ...architectures))
  })

  const llama = 'model.layers.1.mlp.up_proj.weight'
  test.each<[string, TinyCheckpoint, string, (string | RegExp)[]]>([
    ['lacks a tensor', { change: ({ [llama]: _, ...rest }) => rest }, 'missing_tensors', [llama, 'config.json']],
    ['has one too many', { change: (tensors) => ({ ...tensors, 'lm_head.extra': tensors[llama] }) }, 'extra_tensors', ['lm_head.extra', 'config.json']],
    [
      'has one of another shape',
      { change: (tensors) => ({ ...tensors, [llama]: { ...tensors[llama], shape: [32, 48] } }) },
      'misshaped_tensor',
      [llama, '[32,48]', '[48,32]'],
    ],
    [
      'is of another architecture than its config',
      { change: () => tinyTensors('gpt2') },
      'missing_tensors',
      ['model.embed_tokens.weight', 'config.json that came with'],
    ],
    [
      'has integers for weights',
      { change: (tensors) => ({ ...tensors, [llama]: { ...tensors[llama], dtype: 'I32' } }) },
      'unsupported_dtype',
      [llama, 'I32', 'BF16'],
    ],
    [
      'says that it is quantized',
      { config: { quantization_config: { quant_method: 'gptq' } } },
      'unsupported_config',
      ['quantization_config', 'gptq', 'bfloat16'],
    ],
    ['is cut off', { files: { 'model.safetensors': 'x' } }, 'invalid_checkpoint', ['model.safetensors', '1 bytes']],
    ['is a Git LFS pointer', { files: { 'model.safetensors': 'version https://git-lfs.github.com/spec/v1' } }, 'git_lfs_pointer', ['git lfs pull']],
    [
      'is a pickle under another name',
      { files: { 'model.safetensors': Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 8, 8, 0) } },
      'pickled_checkpoint',
      ['model.safetensors', 'safe_serialization=True'],
    ],
  ])('%s', async (_, checkpoint, code, said) => {
    await expect(loadModel(writeTinyCheckpoint('llama', checkpoint))).rejects.toThrow(refused(code, ...said))
  })

  test('has its weights in pickles', async () => {
    for (const name of ['pytorch_model.bin', 'pytorch_model-00001-of-00002.bin']) {
      const folder = writeTinyCheckpoint('llama', { files: { [name]: 'PK' } })
      rmSync(join(folder, 'model.safetensors'))
      await expect(loadModel(folder)).rejects.toThrow(refused('pickled_checkpoint', name, 'safe_serialization=True'))
    }
  })

  test('lacks a shard', async () => {
    const folder = writeTinyCheckpoint('llama', { shards: 3 })
    rmSync(join(folder, 'model-2-of-3.safetensors'))
    await expect(loadModel(folder)).rejects.toThrow(refused('missing_file', 'model-2-of-3.safetensors', 'model.safetensors.index.json'))
  })

  describe.each(architectures)('%s', (architecture) => {
    test.each<['F16' | 'BF16', number]>([
      ['F16', 1],
      ['F16', 3],
      ['BF16', 1],
      ['BF16', 3],
    ])('in %s over %i files reads as float32 does', async (dtype, shards) => {
      const [narrow, whole] = await Promise.all([loadModel(writeTinyCheckpoint(architecture, { dtype, shards })), loadModel(writeTinyCheckpoint(architecture))])
      expect(narrow.weights.names).toEqual(whole.weights.names)
      for (const name of narrow.weights.names) expect(await narrow.weights.read(name)).toEqual(await whole.weights.read(name))
    })

    test('of another depth or width is not its checkpoint', async () => {
      const [layers, hidden] = [layersField[architecture] ?? 'num_hidden_layers', hiddenField[architecture] ?? 'hidden_size']
      await expect(loadModel(writeTinyCheckpoint(architecture, { config: { [layers]: 3 } }))).rejects.toThrow(
        refused('missing_tensors', '.2.', 'config.json that came with'),
      )
      const { stored = 32, said = 64, ...config } = { [hidden]: 64, ...embeddings[architecture] }
      const wider = { ...config, ...(embeddings[architecture] && { embedding_size: said }) }
      await expect(loadModel(writeTinyCheckpoint(architecture, { config: wider }))).rejects.toThrow(
        refused('misshaped_tensor', `[64,${stored}]`, `[64,${said}]`),
      )
      for (const field of [layers, hidden, 'vocab_size']) {
        await expect(loadModel(writeTinyCheckpoint(architecture, { config: { [field]: 0 } }))).rejects.toThrow(refused('invalid_config', field, 'at least 1'))
      }
    })
  })
})
