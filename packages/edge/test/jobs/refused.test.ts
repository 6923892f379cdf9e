import { floatTensor, type TaskType } from '@weft/adapters'
import type { HeldModel } from '@weft/protocol'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { adapterFile, healthy, model, publish, script } from '../edge.ts'
import { later } from '../later.ts'
import { create, labelled, spoken, upload } from './job-steps.ts'

beforeEach(() => script())

describe('a job that cannot be right is refused', () => {
  test('an unknown method comes with the nearest', async () => {
    expect(await create({ method: { type: 'promt-tuning' } })).toMatchObject({
      http: 404,
      error: { code: 'method_not_found', param: 'method.type', details: { suggestions: expect.arrayContaining(['prompt-tuning']) } },
    })
  })

  test.each([
    [
      'a config out of range',
      { method: { type: 'prompt-tuning', 'prompt-tuning': { num_virtual_tokens: 0 } } },
      400,
      'invalid_config',
      'method.prompt-tuning.num_virtual_tokens',
    ],
    [
      'an unknown config key',
      { method: { type: 'prompt-tuning', 'prompt-tuning': { virtual_tokens: 4 } } },
      400,
      'invalid_config',
      'method.prompt-tuning.virtual_tokens',
    ],
    [
      'a config as code spells it',
      { method: { type: 'prompt-tuning', 'prompt-tuning': { numVirtualTokens: 4 } } },
      400,
      'invalid_config',
      'method.prompt-tuning.numVirtualTokens',
    ],
    ['an unknown config key with a capital', { method: { type: 'lora', lora: { R: 4 } } }, 400, 'invalid_config', 'method.lora.R'],
    ['one as code spells it that is left to the server', { hyperparameters: { maxSteps: 'auto' } }, 400, 'invalid_request', 'hyperparameters.maxSteps'],
    ['hyperparameters as code spells them', { hyperparameters: { maxSteps: 4 } }, 400, 'invalid_request', 'hyperparameters.maxSteps'],
    ['a config of another method', { method: { type: 'prompt-tuning', 'prefix-tuning': {} } }, 400, 'invalid_request', 'method.prefix-tuning'],
    ['an unknown hyperparameter', { hyperparameters: { steps: 4 } }, 400, 'invalid_request', 'hyperparameters.steps'],
    ['an unknown hyperparameter that is left to the server', { hyperparameters: { steps: 'auto' } }, 400, 'invalid_request', 'hyperparameters.steps'],
    ['a list of hyperparameters', { hyperparameters: [] }, 400, 'invalid_request', 'hyperparameters'],
    ['a word for all hyperparameters', { hyperparameters: 'auto' }, 400, 'invalid_request', 'hyperparameters'],
    ['steps and epochs', { hyperparameters: { max_steps: 4, n_epochs: 2 } }, 400, 'invalid_request', 'hyperparameters.n_epochs'],
    ['a bad hyperparameter', { hyperparameters: { batch_size: 0 } }, 400, 'invalid_request', 'hyperparameters.batch_size'],
    ['no file', { training_file: 'file-none' }, 404, 'file_not_found', 'training_file'],
    ['no validation file', { validation_file: 'file-none' }, 404, 'file_not_found', 'validation_file'],
    ['a name that is none', { suffix: 'no spaces here' }, 400, 'invalid_request', 'suffix'],
    ["a route's name", { suffix: 'orator' }, 409, 'name_taken', 'suffix'],
    [
      'virtual tokens that leave no room for text',
      { method: { type: 'prompt-tuning', 'prompt-tuning': { num_virtual_tokens: 64 } } },
      400,
      'context_too_short',
      'method',
    ],
    [
      'a prefix that leaves no room for text',
      { method: { type: 'prefix-tuning', 'prefix-tuning': { num_virtual_tokens: 65 } } },
      400,
      'context_too_short',
      'method',
    ],
    ['a method whose plugin has a fault', { method: { type: 'faulty' } }, 422, 'plugin_failed', 'method.type'],
    [
      "AdamW's settings beside another optimizer",
      { hyperparameters: { optimizer: 'adafactor', betas: [0.8, 0.9] } },
      400,
      'invalid_request',
      'hyperparameters.betas',
    ],
    ['integers in a joint batch', { joint: 'ours', hyperparameters: { precision: 'int8' } }, 400, 'invalid_request', 'hyperparameters.precision'],
    ['partners of whom nobody is left', { partners: { texts: false, random_rows: false } }, 400, 'invalid_request', 'partners'],
    ['a model that is none', { model: 'bsae' }, 404, 'model_not_found', 'model'],
  ])('%s', async (_, rest, http, code, param) => {
    expect(await create(rest)).toMatchObject({ http, error: { code, param } })
  })

  // As whoever trained a model further at OpenAI writes it: the list of models has these, so it is not said that they are not there.
  test.each([
    ['further/one', 'that is an adapter.'],
    ['further/one@1', 'that is an adapter.'],
    ['orator', 'that is a route. A job names the base model'],
    ['base + further/one', 'that is an expression.'],
  ])('a model that is published, and no base: %s', async (model, what) => {
    await publish('further/one', await adapterFile({ value: 0.93 }))
    const message = expect.stringContaining(`there is no base model "${model}": ${what}`)
    expect(await create({ model })).toMatchObject({ http: 404, error: { code: 'model_not_found', param: 'model', message } })
  })

  test.each(['further/none', 'further/one@7', 'no such thing'])('a model that is nothing is not there: %s', async (model) => {
    expect((await create({ model })).error.message).toContain(`there is no model "${model}"`)
  })

  test.each([
    ['on', { on: 'experts(on/one, on/two)' }, 'outputs_inside'],
    ['on', { on: 'auto(on/one, on/two)' }, 'auto_nested'],
    ['partners.adapters', { partners: { adapters: ['on/one', 'product(on/one, on/two)'] } }, 'outputs_inside'],
  ])('what is combined at the output cannot lie beneath or beside what is trained: %s, %j', async (param, rest, code) => {
    await publish('on/one', await adapterFile({ value: 0.91 }))
    await publish('on/two', await adapterFile({ value: 0.92 }))
    expect(await create(rest)).toMatchObject({ http: 400, error: { code, param } })
  })

  test.each([
    ['partners', /^partners: expected an object of any of "adapters", "texts", "random_rows", "probability" or "after", such as .*, got true$/],
    ['locality', /^locality: expected an object of any of "probability", "weight" or "after", such as \{"weight": 1\}, or \{\} for the defaults, got true$/],
  ])('a phase that is a switch is told its fields: %s', async (param, message) => {
    expect(await create({ [param]: true })).toMatchObject({ http: 400, error: { code: 'invalid_request', param, message: expect.stringMatching(message) } })
  })

  const base = (name: string, tasks: TaskType[]): HeldModel => ({ ...model, name, architecture: name, spec: { ...model.spec, architecture: name, tasks } })
  const pair = '{"positive": "a", "negative": "b"}\n'
  const steering = (config: object = {}) => ({ method: { type: 'steering', steering: config }, hyperparameters: {} })
  test.each([
    ['a layer that does not exist', steering({ layers: [99] }), pair, 400, 'layer_missing', 'method.steering.layers'],
    ['a rank', steering({ rank: 1 }), pair, 400, 'rank_from_pairs', 'method.steering.rank'],
    ['a method that is learned', {}, pair, 400, 'method_without_pairs', 'method'],
    ['a method that is learned, with layers', { method: { type: 'lora', lora: { layers: [1] } } }, pair, 400, 'method_without_pairs', 'method'],
    ['a learning rate', { ...steering(), hyperparameters: { learning_rate: 0.1 } }, pair, 400, 'pairs_contradicted', 'hyperparameters.learning_rate'],
    ['a joint word', { ...steering(), joint: 'both' }, pair, 400, 'pairs_contradicted', 'joint'],
    ['no pairs', { ...steering(), pairs: {} }, spoken, 400, 'pairs_missing', 'pairs'],
  ])('pairs: %s', async (_, rest, rows, http, code, param) => {
    expect(await create(rest, rows)).toMatchObject({ http, error: { code, param } })
  })

  const document = '{"document": "A manual."}\n'
  const cartridge = (config: object = {}) => ({ method: { type: 'cartridge', cartridge: config }, hyperparameters: {} })
  test.each([
    ['no keys', cartridge({ num_virtual_tokens: 0 }), document, 400, 'invalid_config', 'method.cartridge.num_virtual_tokens'],
    ['a method that is learned', {}, document, 400, 'method_without_document', 'method'],
    ['a method that is learned, with keys', { method: { type: 'lora', lora: { num_virtual_tokens: 16 } } }, document, 400, 'method_without_document', 'method'],
    ['a learning rate', { ...cartridge(), hyperparameters: { learning_rate: 0.1 } }, document, 400, 'document_contradicted', 'hyperparameters.learning_rate'],
    [
      'steps beside those of the study',
      { ...cartridge(), document: { self_study: 9 }, hyperparameters: { max_steps: 9, batch_size: 4 } },
      document,
      400,
      'document_contradicted',
      'hyperparameters.max_steps',
    ],
    ['a phase', { ...cartridge(), locality: {} }, document, 400, 'document_contradicted', 'locality'],
    ['none', { ...cartridge(), document: {} }, spoken, 400, 'document_missing', 'document'],
  ])('documents: %s', async (_, rest, rows, http, code, param) => {
    expect(await create(rest, rows)).toMatchObject({ http, error: { code, param } })
  })

  const answers = '{"prompt": "a", "completion": "b"}\n'
  const words = '{"tokens": ["a"], "labels": ["x"]}\n{"tokens": ["b"], "labels": ["y"]}\n'
  test.each([
    ['bert', spoken, 'CAUSAL_LM', 'SEQ_CLS'],
    ['bert', answers, 'CAUSAL_LM or SEQ_2_SEQ_LM', 'TOKEN_CLS'],
    ['t5', spoken, 'CAUSAL_LM', 'SEQ_2_SEQ_LM'],
    ['t5', labelled, 'SEQ_CLS', 'SEQ_2_SEQ_LM'],
    ['t5', words, 'TOKEN_CLS', 'SEQ_2_SEQ_LM'],
    ['bert', pair, 'CAUSAL_LM', 'SEQ_CLS'],
  ])('a task that a %s base cannot do: rows %j', async (name, rows, task, able) => {
    await script(healthy([model, base('bert', ['SEQ_CLS', 'TOKEN_CLS', 'FEATURE_EXTRACTION']), base('t5', ['SEQ_2_SEQ_LM'])]))
    later()
    const { http, error } = await create({ model: name }, rows)
    vi.restoreAllMocks()
    expect({ http, ...error }).toMatchObject({ http: 400, code: 'task_not_of_base', param: 'model' })
    for (const said of [`a ${name} base`, task, able]) expect(error.message).toContain(said)
  })

  test('what lies beneath and beside may begin with the name of the model that is trained on, as in a request, and with no other', async () => {
    await script(healthy([model, base('small', model.spec.tasks), base('large', model.spec.tasks)]))
    later()
    await publish('on/begun', await adapterFile({ value: 0.93 }))
    const beneath = (name: string) => ({ model: 'small', on: `${name} + on/begun`, partners: { adapters: [`${name} + "Be brief." + on/begun`] } })
    for (const name of ['small', 'base'])
      expect(await create({ ...beneath(name), suffix: `over/${name}` })).toMatchObject({
        http: 200,
        on: 'on/begun@1',
        partners: { adapters: ['"Be brief." + on/begun@1'] },
      })
    for (const [on, code] of [
      ['large + on/begun', 'invalid_request'],
      ['small', 'invalid_request'],
      ['small@1 + on/begun', 'invalid_request'],
      ['on/begun + small', 'model_not_first'],
    ])
      expect(await create({ model: 'small', suffix: 'over/none', on }), on).toMatchObject({ http: 400, error: { code, param: 'on' } })
    vi.restoreAllMocks()
  })

  test('modules that the base has not', async () => {
    const lora = (target_modules: unknown) => create({ method: { type: 'lora', lora: { target_modules } } })
    const refused = await lora(['c_attn'])
    expect(refused).toMatchObject({ http: 422, error: { code: 'target_modules_missing', param: 'target_modules' } })
    expect(refused.error.message).toMatch(/"c_attn".*self_attn\.q_proj/)
  })

  test('labels that no row has, or only one label', async () => {
    const validation = await upload('{"text": "x", "label": "phish"}\n')
    expect(await create({ validation_file: validation }, labelled)).toMatchObject({
      http: 400,
      error: { code: 'label_unknown', param: 'validation_file', message: expect.stringContaining('"phish"') },
    })
    expect(await create({}, '{"text": "x", "label": "ham"}\n')).toMatchObject({ http: 400, error: { code: 'labels_too_few' } })
  })

  test('a validation file of another kind', async () => {
    expect(await create({ validation_file: await upload(labelled) })).toMatchObject({ http: 400, error: { param: 'validation_file' } })
  })

  test('a required adapter that does not act where the method builds on it is named', async () => {
    const prefix = { keyValue: { prefix: floatTensor([2, 2, 1, 2, 2], new Float32Array(16).fill(0.3)) } }
    await publish('trunk/none', await adapterFile({ method: 'prefix-tuning', config: { numVirtualTokens: 2 }, state: prefix }))
    expect((await create({ method: { type: 'prompt-adapter', 'prompt-adapter': { trunk: 'trunk/none' } } })).error).toMatchObject({
      code: 'required_site_missing',
      param: 'method',
      message: '"prompt-adapter" needs an adapter with inputsEmbeds; "trunk/none@1" acts at keyValue',
    })
  })

  test.each(['from', 'on'])('an adapter of another base, %s which nothing is trained here', async (phase) => {
    const base = { name: 'another', fingerprint: `sha256:${'9'.repeat(64)}`, architecture: 'llama' }
    await publish(`other/${phase}`, await adapterFile({ value: 0.94, base }))
    expect(await create({ [phase]: `other/${phase}` })).toMatchObject({
      http: 409,
      error: { code: 'wrong_base_model', message: expect.stringContaining(`"other/${phase}@1" was trained for base model "another"`) },
    })
  })

  test('a method whose config is all that there is', async () => {
    expect(await create({ method: { type: 'text', text: { text: 'Hello' } } })).toMatchObject({
      http: 422,
      error: { code: 'nothing_to_train', param: 'method', message: expect.stringContaining('npx weft publish --text "…" --name NAME') },
    })
  })

  test('a classifier over a classifier, which could never run with it', async () => {
    const head = { head: { weight: floatTensor([2, 4], new Float32Array(8).fill(1)) } }
    await publish('on/spam', await adapterFile({ value: 0.93, state: head, labels: ['ham', 'spam'], task: 'SEQ_CLS' }))
    expect(await create({ on: 'on/spam', suffix: 'on/urgent' }, labelled)).toMatchObject({
      http: 400,
      error: { code: 'stack_not_supported', param: 'on', message: expect.stringContaining('"on/spam@1", "on/urgent" both bring head') },
    })
    // What answers in text has no head of its own.
    expect(await create({ on: 'on/spam', suffix: 'on/urgent' })).toMatchObject({ http: 200 })
  })

  test('a classifier that would go on from one of other classes, or of none, or that reads elsewhere, before the job exists', async () => {
    const goOn = (from: string, over: object = {}, rows = labelled) => create({ from, suffix: 'warm/next', ...over }, rows)
    const head = { head: { weight: floatTensor([2, 4], new Float32Array(8).fill(1)) } }
    const classifier = (value: number, labels: string[]) => adapterFile({ value, state: head, labels, task: 'SEQ_CLS' })
    await publish('warm/same', await classifier(0.91, ['ham', 'spam']))
    await publish('warm/other', await classifier(0.92, ['bad', 'good']))
    await publish('warm/style', await adapterFile({ value: 0.9 }))
    const refused = (message: string) => ({ http: 409, error: { code: 'cannot_warm_start', param: 'from', message: expect.stringContaining(message) } })
    expect(await goOn('warm/other')).toMatchObject(refused('its labels are "bad", "good", those of this job\'s rows "ham", "spam"'))
    expect(await goOn('warm/style')).toMatchObject(refused('its labels are none'))
    expect(await goOn('warm/same', { pooling: 'mean' })).toMatchObject(refused('its pooling is "peft", this job\'s "mean"'))
    expect(await goOn('warm/same', {}, spoken)).toMatchObject(refused('it was trained for SEQ_CLS, this job is for CAUSAL_LM'))
    expect(await goOn('warm/same')).toMatchObject({ http: 200 })
  })

  test('a required adapter that is not there', async () => {
    expect(await create({ method: { type: 'prompt-adapter', 'prompt-adapter': { trunk: 'style/trunk' } } })).toMatchObject({
      http: 404,
      error: { code: 'adapter_not_found' },
    })
  })
})

describe('rows that hold nothing of what an adapter waits for', () => {
  const waiting = { method: { type: 'lora', lora: { alora_invocation: '\nCheck:', target_modules: ['q_proj'] } }, suffix: 'check/rows' }

  test.each([
    ['texts', '\n{"text": "The sea"}\n{"text": "Check it"}\n', '"The sea"'],
    ['completions', '\n{"prompt": "Is it?", "completion": [{"text": " yes"}]}\n{"prompt": "And?", "completion": " no"}\n', '"Is it? yes"'],
  ])('are refused when the job is made, with the line of the first: %s', async (_, content, first) => {
    expect(await create(waiting, content)).toMatchObject({
      http: 400,
      error: {
        code: 'invocation_in_no_row',
        param: 'training_file',
        message: expect.stringContaining(
          `None of the 2 rows of the training file holds "\\nCheck:", which the adapter waits for, so it would learn nothing. Line 2 is ${first}`,
        ),
        details: { rows: 2, line: 2 },
      },
    })
  })

  test.each([
    ['one row holds it', '{"prompt": "a", "completion": "b"}\n{"prompt": "Is it?\\nCheck", "completion": ": yes"}\n'],
    ['a template may bring it', '{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}\n'],
  ])('and are not where %s', async (_, content) => {
    expect(await create(waiting, content)).toMatchObject({ http: 200 })
  })
})
