import * as z from 'zod/mini'
import { taskTypeSchema } from './file/manifest.ts'
import { mapOf } from './schema/map.ts'

const count = z.int().check(z.gte(1))

const end = z.optional(z.string())

/** Linear layers by what they are for: the end of the module name that all layers of one role have, as PEFT's tables spell it. One that an architecture has not is absent. */
const moduleRolesSchema = z.object({
  /** `queryKeyValue` where one layer gives all three. */
  attention: z.object({ query: end, key: end, value: end, queryKeyValue: end, output: end }),
  /** `gate` goes through the activation and is multiplied with `up`; `down` leads back to the model's width. */
  feedForward: z.object({ gate: end, up: end, down: end }),
})

/** What methods and sites need to know of a base model: sizes and the shapes of its weights, no tensors. */
export const modelSpecSchema = z.object({
  /** Hugging Face's `model_type`: `llama`, … */
  architecture: z.string(),
  /** H */
  hiddenSize: count,
  /** Width of embeddings, and so of the rows among them, where it is not the model's: see `rowWidth`. */
  embeddingSize: z.optional(count),
  intermediateSize: count,
  /** L */
  numLayers: count,
  /** N */
  numHeads: count,
  /** K; equal to N without grouped-query attention. */
  numKeyValueHeads: count,
  /** D */
  headDim: count,
  /** V */
  vocabSize: count,
  /** Longest sequence, virtual positions included. */
  maxPositions: count,
  /** How many positions the layers that see fewest see, a token's own included; absent where every layer sees all. */
  slidingWindow: z.optional(count),
  /** Shapes of the checkpoint's weights by name, `[out, in]` for linear layers. */
  weights: mapOf(z.array(z.int()), { most: 100_000 }),
  /** Linear layers by module name, `[out, in]` whichever way the checkpoint stores them: what `linear` and `scale` act on. */
  modules: mapOf(z.tuple([count, count]), { most: 100_000 }),
  /** What its linear layers are for, from which methods choose theirs when nobody names any. */
  roles: z.optional(moduleRolesSchema),
  /** What it can be trained for and asked. */
  tasks: z.array(taskTypeSchema),
  /**
   * Hugging Face's classifier of this family: its module's name, whether it has a bias, and whether a dense layer with tanh, trained
   * with it, stands before it; `denseModule` is that layer's name where it is a module beside the classifier and no part of it, and
   * `denseActivation` what follows it in tanh's place; `pooler` is the base's own dense layer with tanh through which `SEQ_CLS` reads the
   * first position; `tokens` is the module's name for `TOKEN_CLS` where it is another.
   */
  classifier: z.object({
    module: z.string(),
    bias: z.boolean(),
    dense: z.boolean(),
    denseModule: end,
    denseActivation: z.optional(z.enum(['relu', 'gelu'])),
    pooler: end,
    tokens: end,
  }),
  /** Whether a token sees those after it: an encoder, which generates nothing. */
  bidirectional: z.optional(z.boolean()),
  /** An encoder in front: it reads the prompt and what stands before it. `numLayers` are the decoder's, whose answer begins with the start token. */
  encoderDecoder: z.optional(z.object({ numEncoderLayers: count, decoderStartTokenId: z.int().check(z.gte(0)) })),
})

export type ModelSpec = z.infer<typeof modelSpecSchema>

/** How wide a row is that stands among token embeddings: H, unless the model embeds in another width and leads that to its own. */
export const rowWidth = ({ embeddingSize, hiddenSize }: Pick<ModelSpec, 'embeddingSize' | 'hiddenSize'>): number => embeddingSize ?? hiddenSize

export type ModuleRoles = z.infer<typeof moduleRolesSchema>
