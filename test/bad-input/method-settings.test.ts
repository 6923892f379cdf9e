import { parseConfig } from '@weft/methods'
import { describe, expect, test } from 'vitest'
import { refused } from '../support/refused.ts'
import { architectures, pluginOf, shapes } from '../support/tiny-adapters.ts'

describe("a method's settings", () => {
  const sized: [string, Record<string, unknown>, string][] = [
    ...['prompt-tuning', 'p-tuning', 'p-tuning-v2', 'prefix-tuning', 'parallel-prefix', 'multitask-prompt-tuning'].map(
      (id): [string, Record<string, unknown>, string] => [id, { numVirtualTokens: 0 }, 'num_virtual_tokens'],
    ),
    ['p-tuning', { encoderHiddenSize: 0 }, 'encoder_hidden_size'],
    ['prompt-adapter', { trunk: 'a', r: 0 }, '.r'],
    ['lora', { r: 0 }, '.r'],
    ['lora', { rankPattern: { q_proj: 0 } }, 'rank_pattern.q_proj'],
    ['multitask-prompt-tuning', { numTasks: 0 }, 'num_tasks'],
    ['multitask-prompt-tuning', { numRanks: 0 }, 'num_ranks'],
    ['adaption-prompt', { adapterLen: 0 }, 'adapter_len'],
    ['adaption-prompt', { adapterLayers: 0 }, 'adapter_layers'],
    ['lora', { targetModules: [] }, 'target_modules'],
    ['ia3', { targetModules: [] }, 'target_modules'],
  ]
  test.each(sized)('%s with %j', (id, config, field) => {
    expect(() => parseConfig(pluginOf(id), config)).toThrow(refused('invalid_config', `"${id}"`, field, 'at least 1'))
  })

  const unread: [string, Record<string, unknown>, string, string][] = [
    [
      'prompt-tuning',
      { promptTuningInitText: 'speak plainly' },
      'prompt_tuning_init_text',
      'promptTuningInit "trainingText" does not read it; say promptTuningInit "text"',
    ],
    ['prompt-tuning', { promptTuningInit: 'RANDOM', promptTuningInitText: 'speak plainly' }, 'prompt_tuning_init_text', 'promptTuningInit "random"'],
    ['prefix-tuning', { prefixInitText: 'speak plainly' }, 'prefix_init_text', 'prefixInit "trainingText" does not read it; say prefixInit "text"'],
    ['prefix-tuning', { prefixInit: 'text', prefixInitText: 'speak plainly', prefixProjection: true }, 'prefix_init_text', 'prefixProjection "true"'],
    ['prefix-tuning', { encoderHiddenSize: 8 }, 'encoder_hidden_size', 'say prefixProjection "true"'],
    ['parallel-prefix', { prefixInitText: 'speak plainly' }, 'prefix_init_text', 'say prefixInit "text"'],
    ['p-tuning-v2', { prefixInitText: 'speak plainly' }, 'prefix_init_text', 'say prefixInit "text"'],
    ['multitask-prompt-tuning', { promptTuningInitText: 'speak plainly' }, 'prompt_tuning_init_text', 'say promptTuningInit "text"'],
    ['multitask-prompt-tuning', { promptTuningInitSource: 'mail/source' }, 'prompt_tuning_init_source', 'say promptTuningInit "averageSourceTasks"'],
    [
      'multitask-prompt-tuning',
      { promptTuningInit: 'onlySourceShared', promptTuningInitSource: 'mail/source', promptTuningInitTask: 1 },
      'prompt_tuning_init_task',
      'say promptTuningInit "exactSourceTask"',
    ],
  ]
  test.each(unread)('%s with %j, which nothing would read', (id, config, field, said) => {
    const plugin = pluginOf(id)
    // An adapter that was made so is read as before.
    const parsed = parseConfig(plugin, config)
    expect(() => plugin.asked!(parsed, shapes.llama.spec)).toThrow(refused('invalid_config', `method.${id}.${field}`, said))
  })

  test.each([
    ['prompt-tuning', { promptTuningInit: 'TEXT', promptTuningInitText: 'speak plainly' }],
    ['prefix-tuning', { prefixInit: 'text', prefixInitText: 'speak plainly' }],
    ['prefix-tuning', { prefixProjection: true, encoderHiddenSize: 8 }],
    ['multitask-prompt-tuning', { promptTuningInit: 'exactSourceTask', promptTuningInitSource: 'mail/source', promptTuningInitTask: 1 }],
  ])('%s with %j, all of which is read', (id, config) => {
    expect(() => pluginOf(id).asked!(parseConfig(pluginOf(id), config), shapes.llama.spec)).not.toThrow()
  })

  test.each(architectures)('modules that match nothing on %s are answered with those there are', (architecture) => {
    const model = shapes[architecture].spec
    const there = [...new Set(Object.keys(model.modules).map((module) => module.replace(/^.*\.\d+\./, '')))]
    const params = (id: string, config: Record<string, unknown>) => () => pluginOf(id).params(parseConfig(pluginOf(id), config), model, [])
    for (const id of ['lora', 'ia3']) {
      for (const targetModules of [['nowhere'], 'nowhere.*'])
        expect(params(id, { targetModules })).toThrow(refused('target_modules_missing', '"nowhere', ...there))
      const [one] = Object.keys(model.modules)
      expect(params(id, { targetModules: [one], excludeModules: [one] })).toThrow(refused('target_modules_missing', one, 'exclude_modules'))
      expect(params(id, { targetModules: '(' })).toThrow(refused('invalid_config', 'target_modules', '"("'))
    }
    // One that is named in full is taken whatever its layer.
    const ends = there.filter((module) => !Object.hasOwn(model.modules, module))
    expect(params('lora', { targetModules: ends, layersToTransform: [77] })).toThrow(refused('target_modules_missing', ends[0], 'layers_to_transform'))
  })

  test.each(['gpt2', 'bert', 't5'])('gates on %s, which has no place for them', (architecture) => {
    const plugin = pluginOf('adaption-prompt')
    expect(() => plugin.params(parseConfig(plugin, {}), shapes[architecture].spec, [])).toThrow(
      refused('invalid_config', 'adaption-prompt', `"${architecture}"`, 'k_proj'),
    )
  })
})
