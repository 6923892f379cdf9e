import { type AdapterState, floatTensor, type ManifestInput, readAdapter } from '@weft/adapters'
import { exportPeft, parseConfig } from '@weft/methods'
import plugins from '@weft/plugins'
import { ModelSession } from '@weft/session'
import { describe, expect, test } from 'vitest'
import { refused } from '../support/refused.ts'
import { branch, fileOf, filled, head, pluginOf, query, rows, shapes, spec, tinyModel } from '../support/tiny-adapters.ts'

describe('an adapter file', () => {
  test.each<[string, AdapterState, string, (string | RegExp)[]]>([
    ['rows of length 0', { inputsEmbeds: { rows: filled(0, 32) } }, 'tensor_shape', ['inputsEmbeds.rows', '[at least 1, 32]', '[0, 32]']],
    ['rows of another width', { inputsEmbeds: { rows: filled(2, 64) } }, 'tensor_shape', ['inputsEmbeds.rows', '[?, 32]', '[2, 64]']],
    ['a prefix of length 0', { keyValue: { prefix: filled(2, 2, 2, 0, 8) } }, 'tensor_shape', ['keyValue.prefix', 'at least 1']],
    ['a prefix for more layers', { keyValue: { prefix: filled(3, 2, 2, 1, 8) } }, 'tensor_shape', ['keyValue.prefix', '[2, 2, 2, ?, 8]', '[3, 2, 2, 1, 8]']],
    [
      'a LoRA of rank 0',
      { linear: { [`${query}.a`]: filled(0, 32), [`${query}.b`]: filled(32, 0) } },
      'tensor_shape',
      [`linear.${query}.a`, '[at least 1, 32]'],
    ],
    ['a LoRA of two ranks', { linear: { [`${query}.a`]: filled(3, 32), [`${query}.b`]: filled(32, 2) } }, 'tensor_shape', [`${query}.b`, '[32, 3]', '[32, 2]']],
    ['half a LoRA', { linear: { [`${query}.a`]: filled(3, 32) } }, 'tensor_missing', [`${query}.b`]],
    [
      'a LoRA on a layer that is not there',
      { linear: { 'model.layers.7.mlp.up_proj.a': filled(1, 32) } },
      'tensor_unexpected',
      ['model.layers.7.mlp.up_proj.a', 'model.layers.0.'],
    ],
    [
      'factors on a layer of another architecture',
      { scale: { 'transformer.h.0.attn.c_attn.out': filled(96) } },
      'tensor_unexpected',
      ['c_attn.out', 'model.layers.0.'],
    ],
    ['a gated prefix without its gate', { gatedKeyValue: { prefix: filled(2, 2, 2, 1, 8), lengths: filled(1) } }, 'tensor_missing', ['"gatedKeyValue.gate"']],
    ['a gated prefix with more', { gatedKeyValue: { ...branch(2), noise: filled(1) } }, 'tensor_unexpected', ['"noise"', '"prefix", "gate", "lengths"']],
    ['a gated prefix whose lengths say otherwise', { gatedKeyValue: branch(5, 2) }, 'tensor_shape', ['Σ lengths = 5']],
    ['a head of another width', { head: { weight: filled(2, 64) } }, 'tensor_shape', ['head.weight', '[?, 32]', '[2, 64]']],
    [
      'a number that is none',
      { inputsEmbeds: { rows: floatTensor([1, 32], new Float32Array(32).fill(NaN)) } },
      'tensor_not_finite',
      ['inputsEmbeds.rows', 'NaN'],
    ],
    ['a weight that the base has not', { weights: { 'model.layers.9.input_layernorm.weight': filled(32) } }, 'tensor_unexpected', ['model.layers.9']],
  ])('%s', async (_, state, code, said) => {
    await expect(fileOf(state).then((file) => readAdapter(file, { model: spec }))).rejects.toThrow(refused(code, ...said))
  })

  test.each<[string, Partial<ManifestInput>, AdapterState, (string | RegExp)[]]>([
    ['more labels than the head has rows', { labels: ['ham', 'spam', 'eggs'] }, { ...rows, head }, ['3 ("ham", "spam", "eggs")', '2 rows']],
    ['fewer', { labels: ['ham'] }, { ...rows, head }, ['1 ("ham")', '2 rows']],
    ['a label twice', { labels: ['ham', 'ham'] }, { ...rows, head }, ['"ham" is there twice']],
    ['labels without a head', { labels: ['ham', 'spam'] }, rows, ['"ham", "spam"', 'no head']],
    ['tasks for some of the labels', { labels: ['a/x', 'b/y'], labelTasks: ['a'] }, { ...rows, head }, ['1 tasks', '2 rows']],
  ])('with %s', async (_, manifest, state, said) => {
    await expect(fileOf(state, { task: 'SEQ_CLS', ...manifest }).then((file) => readAdapter(file, { model: spec }))).rejects.toThrow(
      refused('manifest_invalid', ...said),
    )
  })

  test('for another base: by architecture where shapes agree, by fingerprint where both do', async () => {
    const file = await fileOf(rows)
    for (const architecture of ['gpt2', 'bert', 't5']) {
      await expect(readAdapter(file, { model: shapes[architecture].spec })).rejects.toThrow(
        refused('wrong_base_model', '"tiny", a llama', `not for a ${architecture}`),
      )
    }
    await expect(readAdapter(file, { model: spec, base: { name: 'other', fingerprint: 'cd'.repeat(32) } })).rejects.toThrow(
      refused('wrong_base_model', '"tiny" (abab', '"other" (cdcd'),
    )
    await using session = new ModelSession(await tinyModel('llama'))
    await expect(session.add('made/elsewhere', file)).rejects.toThrow(refused('wrong_base_model', '"tiny"'))
  })

  test('whose config says another length or rank is not written out as what it is not', async () => {
    const exported = async (method: string, config: Record<string, unknown>, state: AdapterState) =>
      exportPeft(await readAdapter(await fileOf(state, { method, config: parseConfig(pluginOf(method), config) }), { model: spec }), plugins, spec)
    await expect(exported('prompt-tuning', { numVirtualTokens: 9 }, rows)).rejects.toThrow(
      refused('config_contradicted', 'inputsEmbeds.rows', '[9, 32]', '[2, 32]'),
    )
    const linear = Object.fromEntries(
      Object.keys(spec.modules)
        .filter((module) => /[qv]_proj$/.test(module))
        .flatMap((module) => [
          [`${module}.a`, filled(3, 32)],
          [`${module}.b`, filled(spec.modules[module][0], 3)],
        ]),
    )
    await expect(exported('lora', { r: 8 }, { linear })).rejects.toThrow(refused('config_contradicted', '.a [8, 32]', '[3, 32]'))
    await expect(exported('lora', { r: 3, targetModules: 'all-linear' }, { linear })).rejects.toThrow(refused('config_contradicted', 'k_proj', 'has none'))
    await expect(exported('lora', { r: 3 }, { linear })).resolves.toBeDefined()
  })

  test('whose config leaves out what is as usual is written out as one that says it', async () => {
    const exported = async (config: Record<string, unknown>, method: string) =>
      exportPeft(await readAdapter(await fileOf(rows, { method, config }), { model: spec }), plugins, spec)
    for (const method of ['p-tuning', 'prompt-tuning']) {
      const config = { numVirtualTokens: 2 }
      expect(await exported(config, method)).toEqual(await exported(parseConfig(pluginOf(method), config), method))
    }
  })
})
