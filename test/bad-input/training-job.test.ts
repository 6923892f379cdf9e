import { taskTypes } from '@weft/adapters'
import { ModelSession, type Recipe } from '@weft/session'
import { describe, expect, test } from 'vitest'
import { refused } from '../support/refused.ts'
import { architectures, shapes, tinyModel } from '../support/tiny-adapters.ts'

const rowsOf: Record<string, object[]> = {
  CAUSAL_LM: [{ text: 'one of these' }, { text: 'and another' }],
  SEQ_2_SEQ_LM: [
    { prompt: 'one', completion: 'two' },
    { prompt: 'three', completion: 'four' },
  ],
  SEQ_CLS: [
    { text: 'a', label: 'ham' },
    { text: 'b', label: 'spam' },
  ],
  TOKEN_CLS: [
    { tokens: ['a', 'b'], labels: ['ham', 'spam'] },
    { tokens: ['b'], labels: ['spam'] },
  ],
  FEATURE_EXTRACTION: [{ text: 'one of these' }],
}

describe('a training job', () => {
  const trained = async (architecture: string, recipe: Partial<Recipe> & Pick<Recipe, 'rows'>) => {
    await using session = new ModelSession(await tinyModel(architecture))
    return session.train('x', { method: 'prompt-tuning', ...recipe })
  }

  describe.each(architectures)('on %s', (architecture) => {
    const { tasks } = shapes[architecture].spec
    test.each(taskTypes.filter((task) => !tasks.includes(task)))('for %s, which it cannot do, is refused before any weight is read', async (task) => {
      for (const kind of new Set([rowsOf[task], rowsOf.CAUSAL_LM])) {
        await expect(trained(architecture, { task, rows: kind })).rejects.toThrow(refused('task_not_of_base', `a ${architecture} base`, task, ...tasks))
      }
    })
  })

  test('for features, which nothing is learned by', async () => {
    await expect(trained('bert', { task: 'FEATURE_EXTRACTION', rows: rowsOf.FEATURE_EXTRACTION })).rejects.toThrow(
      refused('unsupported_task', 'FEATURE_EXTRACTION', 'SEQ_CLS, TOKEN_CLS'),
    )
  })

  test.each<[string, string, Partial<Recipe> & Pick<Recipe, 'rows'>, string, (string | RegExp)[]]>([
    [
      'a task that the method has not',
      'llama',
      { method: 'adaption-prompt', task: 'SEQ_CLS', rows: rowsOf.SEQ_CLS },
      'task_not_supported',
      ['adaption-prompt', 'SEQ_CLS', 'CAUSAL_LM'],
    ],
    [
      'a text, which is frozen',
      'llama',
      { method: 'text', config: { text: 'Be brief.' }, rows: rowsOf.CAUSAL_LM },
      'nothing_to_train',
      ['"text"', 'weft publish --text'],
    ],
    ['a method that is not there', 'llama', { method: 'lara', rows: rowsOf.CAUSAL_LM }, 'method_not_found', ['"lara"', 'lora']],
    ['a label that no row has', 'llama', { task: 'SEQ_CLS', labels: ['ham', 'spam', 'eggs'], rows: rowsOf.SEQ_CLS }, 'label_without_rows', ['"eggs"']],
    [
      'a row of another label',
      'llama',
      { task: 'SEQ_CLS', labels: ['ham', 'spam'], rows: [...rowsOf.SEQ_CLS, { text: 'c', label: 'eggs' }] },
      'label_unknown',
      ['"eggs"', '"ham", "spam"'],
    ],
    [
      'a held-out row of another label',
      'llama',
      { task: 'SEQ_CLS', rows: rowsOf.SEQ_CLS, heldOut: [{ text: 'c', label: 'eggs' }] },
      'label_unknown',
      ['validation file, line 1', '"eggs"', '"ham", "spam"'],
    ],
    [
      'a class number without a row in the head',
      'bert',
      {
        task: 'SEQ_CLS',
        rows: [
          { text: 'a', label: 0 },
          { text: 'b', label: 1 },
        ],
        heldOut: [{ text: 'c', label: 5 }],
      },
      'label_unknown',
      ['"5"', '"0", "1"'],
    ],
    [
      'a token of another label',
      'bert',
      { task: 'TOKEN_CLS', rows: rowsOf.TOKEN_CLS, heldOut: [{ tokens: ['c'], labels: ['eggs'] }] },
      'label_unknown',
      ['validation file, line 1', '"eggs"', '"ham", "spam"'],
    ],
    [
      'a token too many',
      'bert',
      { task: 'TOKEN_CLS', rows: [{ tokens: ['a', 'b'], labels: ['ham'] }] },
      'training_file_keys',
      ['line 1', '2 tokens and 1 labels'],
    ],
    ['one label alone', 'llama', { task: 'SEQ_CLS', rows: [rowsOf.SEQ_CLS[0], rowsOf.SEQ_CLS[0]] }, 'labels_too_few', ['at least two', '"ham"']],
    ['rows of another kind', 't5', { task: 'SEQ_2_SEQ_LM', rows: rowsOf.CAUSAL_LM }, 'wrong_row_kind', ['Line 1', 'SEQ_2_SEQ_LM', '{"prompt","completion"}']],
    [
      'a prompt as long as the context',
      'llama',
      { config: { numVirtualTokens: 64 }, rows: rowsOf.CAUSAL_LM },
      'context_too_short',
      ['64 virtual tokens', '64 positions'],
    ],
    [
      'modules that are not there',
      'llama',
      { method: 'lora', config: { targetModules: ['c_attn'] }, rows: rowsOf.CAUSAL_LM },
      'target_modules_missing',
      ['"c_attn"', 'self_attn.q_proj'],
    ],
    [
      'modules that are not there beside one that is',
      'llama',
      { method: 'lora', config: { targetModules: ['q_proj', 'c_attn'] }, rows: rowsOf.CAUSAL_LM },
      'target_modules_missing',
      ['target_modules "c_attn"', 'self_attn.q_proj'],
    ],
    [
      'a rank for modules that are not adapted',
      'llama',
      { method: 'lora', config: { targetModules: ['q_proj'], rankPattern: { q_proj: 4, v_proj: 2 } }, rows: rowsOf.CAUSAL_LM },
      'target_modules_missing',
      ['rank_pattern "v_proj"', 'self_attn.q_proj'],
    ],
    [
      'an alpha for modules that are not there',
      'llama',
      { method: 'lora', config: { alphaPattern: { nope: 4 } }, rows: rowsOf.CAUSAL_LM },
      'target_modules_missing',
      ['alpha_pattern "nope"'],
    ],
  ])('%s', async (_, architecture, recipe, code, said) => {
    await expect(trained(architecture, recipe)).rejects.toThrow(refused(code, ...said))
  })
})
