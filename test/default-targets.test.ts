import { chosenModules, type Plugin, parseConfig } from '@weft/methods'
import { modelShape, rawConfig } from '@weft/model'
import ia3 from '@weft/plugins/ia3'
import lora from '@weft/plugins/lora'
import { expect, test } from 'vitest'
import { tinyConfigs } from './cases/tiny-configs.ts'

/**
 * PEFT's tables: `TRANSFORMERS_MODELS_TO_{LORA,IA3}_TARGET_MODULES_MAPPING`, `…_IA3_FEEDFORWARD_MODULES_MAPPING`. For what stands in none of them
 * PEFT asks for names: here it is as for the relative that does.
 */
const peft: Record<string, { lora: string[]; ia3: string[]; feedforward: string[] }> = {
  bert: { lora: ['query', 'value'], ia3: ['key', 'value', 'output.dense'], feedforward: ['output.dense'] },
  gemma3_text: { lora: ['q_proj', 'v_proj'], ia3: ['q_proj', 'v_proj', 'down_proj'], feedforward: ['down_proj'] },
  gpt2: { lora: ['c_attn'], ia3: ['c_attn', 'mlp.c_proj'], feedforward: ['mlp.c_proj'] },
  granite: { lora: ['q_proj', 'v_proj'], ia3: ['k_proj', 'v_proj', 'down_proj'], feedforward: ['down_proj'] },
  llama: { lora: ['q_proj', 'v_proj'], ia3: ['k_proj', 'v_proj', 'down_proj'], feedforward: ['down_proj'] },
  mistral: { lora: ['q_proj', 'v_proj'], ia3: ['k_proj', 'v_proj', 'down_proj'], feedforward: ['down_proj'] },
  olmo2: { lora: ['q_proj', 'v_proj'], ia3: ['k_proj', 'v_proj', 'down_proj'], feedforward: ['down_proj'] },
  // PEFT has none for it, and what it has for others whose attention is one layer (`codegen`, `gpt_neox`) is this.
  phi3: { lora: ['qkv_proj'], ia3: ['qkv_proj', 'down_proj'], feedforward: ['down_proj'] },
  qwen2: { lora: ['q_proj', 'v_proj'], ia3: ['q_proj', 'v_proj', 'down_proj'], feedforward: ['down_proj'] },
  qwen3: { lora: ['q_proj', 'v_proj'], ia3: ['q_proj', 'v_proj', 'down_proj'], feedforward: ['down_proj'] },
  roberta: { lora: ['query', 'value'], ia3: ['key', 'value', 'output.dense'], feedforward: ['output.dense'] },
  smollm3: { lora: ['q_proj', 'v_proj'], ia3: ['k_proj', 'v_proj', 'down_proj'], feedforward: ['down_proj'] },
  'xlm-roberta': { lora: ['query', 'value'], ia3: ['key', 'value', 'output.dense'], feedforward: ['output.dense'] },
  camembert: { lora: ['query', 'value'], ia3: ['key', 'value', 'output.dense'], feedforward: ['output.dense'] },
  electra: { lora: ['query', 'value'], ia3: ['key', 'value', 'output.dense'], feedforward: ['output.dense'] },
  distilbert: { lora: ['q_lin', 'v_lin'], ia3: ['k_lin', 'v_lin', 'lin2'], feedforward: ['lin2'] },
  mpnet: { lora: ['q', 'v'], ia3: ['k', 'v', 'output.dense'], feedforward: ['output.dense'] },
  t5: { lora: ['q', 'v'], ia3: ['k', 'v', 'wo'], feedforward: ['wo'] },
  mt5: { lora: ['q', 'v'], ia3: ['k', 'v', 'wi_1'], feedforward: [] },
}

test.each(Object.entries(tinyConfigs))("%s: methods choose PEFT's modules when nobody names any", (architecture, json) => {
  const { spec } = modelShape(rawConfig(json))
  const expected = peft[architecture]
  const params = (plugin: Plugin, config: object) => Object.keys(plugin.params(parseConfig(plugin, config), spec, []))
  expect(params(lora, {})).toEqual(params(lora, { targetModules: expected.lora }))
  expect(params(ia3, {})).toEqual(params(ia3, { targetModules: expected.ia3, feedforwardModules: expected.feedforward }))
  expect(params(ia3, {})).toHaveLength(chosenModules(spec, { targetModules: expected.ia3 }).length)
  // Where a factor stands is in its shape.
  const shapes = (config: object) => Object.values(ia3.params(parseConfig(ia3, config), spec, [])).map(({ shape }) => shape)
  expect(shapes({})).toEqual(shapes({ targetModules: expected.ia3, feedforwardModules: expected.feedforward }))
})
