import * as z from 'zod/mini'
import { usageSchema } from './usage.ts'

/** `POST /v1/classify`: texts against the head of the composition. */
export const classifyRequestSchema = z.object({
  model: z.string().check(z.minLength(1)),
  input: z.union([z.string(), z.array(z.string()).check(z.minLength(1), z.maxLength(256))]),
})
export type ClassifyRequest = z.infer<typeof classifyRequestSchema>

export const classificationSchema = z.object({
  label: z.string(),
  /** Probability of every label; they sum to 1. */
  scores: z.record(z.string(), z.number()),
})
export type Classification = z.infer<typeof classificationSchema>

export const classifyResponseSchema = z.object({
  object: z.literal('list'),
  model: z.string(),
  data: z.array(z.extend(classificationSchema, { object: z.literal('classification'), index: z.int() })),
  usage: z.optional(usageSchema),
})
export type ClassifyResponse = z.infer<typeof classifyResponseSchema>
