import { rowWidth } from '@weft/adapters'
import type { Value } from '@weft/graph'
import { definePlugin, fromText, fromVocabulary, normal, param, peftTensor, refuseUnread } from '@weft/methods'
import * as z from 'zod/mini'
import { fromSource, sourceInits } from './source.ts'

/** PEFT's own spellings mean the same. */
const peftSpellings: Record<string, string> = {
  RANDOM: 'random',
  TEXT: 'text',
  SAMPLE_VOCAB: 'sampledVocab',
  AVERAGE_SOURCE_TASKS: 'averageSourceTasks',
  EXACT_SOURCE_TASK: 'exactSourceTask',
  ONLY_SOURCE_SHARED: 'onlySourceShared',
}

const count = z.int().check(z.gte(1), z.lte(4096))
const config = z
  .strictObject({
    /** P */
    numVirtualTokens: z._default(count, 20),
    /** How many tasks share the prompt. */
    numTasks: z._default(count, 1),
    /** R, the rank of a task's factor. */
    numRanks: z._default(count, 1),
    /** Which of the tasks is trained where rows do not say, and acts in what is stored; from 0. */
    taskId: z._default(z.int().check(z.gte(0), z.lte(4096)), 0),
    /** Where the shared prompt and the factors start from. */
    promptTuningInit: z._default(
      z.pipe(
        z.transform((name) => peftSpellings[String(name)] ?? name),
        z.enum(['random', 'sampledVocab', 'text', ...sourceInits]),
      ),
      'random',
    ),
    /** The text whose embeddings are tiled over the shared prompt (`text`). */
    promptTuningInitText: z.optional(z.string().check(z.minLength(1), z.maxLength(65_536))),
    /** An adapter of this method, trained on source tasks, to start from. */
    promptTuningInitSource: z.optional(z.string().check(z.minLength(1), z.maxLength(256))),
    /** Which of its tasks (`exactSourceTask`). */
    promptTuningInitTask: z._default(z.int().check(z.gte(0), z.lte(4096)), 0),
    /** An encoder-decoder's encoder gets the rows; a second half before the decoder, which PEFT trains and leaves out when it generates, is not built. */
    numTransformerSubmodules: z._default(z.literal(1, 'numTransformerSubmodules must be 1: the rows stand before the encoder only'), 1),
  })
  .check(
    z.refine((c) => c.taskId < c.numTasks, { path: ['taskId'], error: 'taskId counts from 0 and must be below numTasks' }),
    z.refine((c) => c.promptTuningInit !== 'text' || c.promptTuningInitText !== undefined, {
      path: ['promptTuningInitText'],
      error: 'promptTuningInit "text" needs promptTuningInitText',
    }),
    z.refine((c) => !isSource(c.promptTuningInit) || c.promptTuningInitSource !== undefined, {
      path: ['promptTuningInitSource'],
      error: 'this promptTuningInit needs promptTuningInitSource',
    }),
  )

const isSource = (init: string): init is (typeof sourceInits)[number] => (sourceInits as readonly string[]).includes(init)

const factor = normal(0.02)

/** Multitask prompt tuning (Wang et al. 2023): one prompt for all tasks, times a low-rank factor of each. */
export const multitaskPromptTuning = definePlugin({
  id: 'multitask-prompt-tuning',
  description: 'One prompt shared by several tasks, times a low-rank factor of each.',
  paper: 'https://arxiv.org/abs/2303.02861',
  sites: ['inputsEmbeds'],
  config,
  requires: ({ promptTuningInit, promptTuningInitSource }) => (isSource(promptTuningInit) ? [promptTuningInitSource!] : []),
  params: (config, model) => {
    const H = rowWidth(model)
    const { numVirtualTokens: P, numTasks: T, numRanks: R, promptTuningInit: init } = config
    const shared = isSource(init)
      ? fromSource('embedding', config)
      : init === 'text'
        ? fromText(config.promptTuningInitText!)
        : init === 'sampledVocab'
          ? fromVocabulary()
          : normal(1)
    const ofTasks = (name: 'taskCols' | 'taskRows') => (isSource(init) && init !== 'onlySourceShared' ? fromSource(name, config) : factor)
    return {
      embedding: param([P, H], shared),
      taskCols: param([T, P, R], ofTasks('taskCols')),
      taskRows: param([T, R, H], ofTasks('taskRows')),
    }
  },
  asked: (config) => {
    refuseUnread('multitask-prompt-tuning', config, 'promptTuningInitText', 'promptTuningInit', 'text')
    refuseUnread('multitask-prompt-tuning', config, 'promptTuningInitSource', 'promptTuningInit', ...sourceInits)
    refuseUnread('multitask-prompt-tuning', config, 'promptTuningInitTask', 'promptTuningInit', 'exactSourceTask')
  },
  encode: (g, { embedding, taskCols, taskRows }, { numVirtualTokens: P, numTasks, numRanks: R, taskId }, model) => {
    const H = rowWidth(model)
    const ofTask = (values: Value, shape: number[]): Value => g.reshape(g.split(values, Array<number>(numTasks).fill(1), 0)[taskId], shape)
    return { inputsEmbeds: { rows: g.mul(embedding, g.matMul(ofTask(taskCols, [P, R]), ofTask(taskRows, [R, H]))) } } // [P,H]
  },
  numTasks: ({ numTasks }) => numTasks,
  // [B,P,R]·[B,R,H]: each row of a batch under its own task.
  encodeBatch: (g, { embedding, taskCols, taskRows }, taskIds) => ({
    inputsEmbeds: { rows: g.mul(embedding, g.matMul(g.gather(taskCols, taskIds, 0), g.gather(taskRows, taskIds, 0))) },
  }),
  peft: {
    peftType: 'MULTITASK_PROMPT_TUNING',
    params: {
      embedding: 'prompt_encoder.default.embedding.weight',
      taskCols: 'prompt_encoder.default.prefix_task_cols',
      taskRows: 'prompt_encoder.default.prefix_task_rows',
    },
    // A finished checkpoint does not need what it started from.
    trainingOnly: ['prompt_tuning_init', 'prompt_tuning_init_text', 'prompt_tuning_init_state_dict_path', 'prompt_tuning_init_task'],
    configFrom: (peft) => ({
      numVirtualTokens: peft.num_virtual_tokens,
      numTasks: peft.num_tasks ?? 1,
      numRanks: peft.num_ranks ?? 1,
      ...(peft.prompt_tuning_init === undefined || peft.prompt_tuning_init === null ? {} : { promptTuningInit: peft.prompt_tuning_init }),
      ...(typeof peft.prompt_tuning_init_text === 'string' ? { promptTuningInitText: peft.prompt_tuning_init_text } : {}),
      numTransformerSubmodules: peft.num_transformer_submodules ?? 1,
    }),
    configTo: (config, model) => ({
      token_dim: rowWidth(model),
      num_attention_heads: model.numHeads,
      num_tasks: config.numTasks,
      num_ranks: config.numRanks,
      num_transformer_submodules: 1,
      prompt_tuning_init: 'RANDOM',
      prompt_tuning_init_text: null,
      prompt_tuning_init_state_dict_path: null,
      prompt_tuning_init_task: 0,
      tokenizer_kwargs: null,
      tokenizer_name_or_path: null,
    }),
    paramsFrom: (tensors) => ({
      embedding: peftTensor(tensors, 'prompt_embeddings'),
      taskCols: peftTensor(tensors, 'prefix_task_cols'),
      taskRows: peftTensor(tensors, 'prefix_task_rows'),
    }),
    stateTo: (_, __, ___, { embedding, taskCols, taskRows }) => ({ prompt_embeddings: embedding, prefix_task_cols: taskCols, prefix_task_rows: taskRows }),
  },
})

export default multitaskPromptTuning
