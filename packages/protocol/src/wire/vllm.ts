import * as z from 'zod/mini'
import { heldModelSchema } from './runner.ts'

/** The file that `weft describe` writes for vLLM: the base model, and the sha256 of each of its files. */
export const describedModelSchema = z.object({ model: heldModelSchema, files: z.record(z.string(), z.string()) })

/** `GET /weft/model` of a vLLM that runs `gpu-runner/vllm/weft_vllm.py`. */
export const vllmModelSchema = z.object({
  /** As it was described. */
  model: heldModelSchema,
  vllm: z.object({
    version: z.string(),
    /** What vLLM calls the model. */
    servedName: z.string(),
    maxModelLen: z.int(),
    /** The highest rank of an adapter, and the modules that adapters may act on, if only some; null where none can be loaded at run time. */
    adapters: z.nullable(z.object({ maxRank: z.int(), modules: z.nullable(z.array(z.string())) })),
    /** Whether a request without an adapter must name one that does nothing, because it would else get another request's in the same batch. */
    adapterAlways: z.boolean(),
    /** Whether the connector for trained prefixes is there. */
    prefixes: z.boolean(),
    /** Whether text with soft prompts among it is taken. */
    promptEmbeds: z.boolean(),
  }),
})
export type VllmModel = z.infer<typeof vllmModelSchema>
