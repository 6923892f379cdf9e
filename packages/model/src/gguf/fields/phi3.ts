import type { OwnFields } from './own-fields.ts'

/** How much of a head is rotated, and the window of every layer, where 0 is none. llama.cpp computes without the window; the model was trained with it. */
export const phi3: OwnFields = (read, key, { headDim }) => {
  const rotated = read.number(key('rope.dimension_count')) ?? headDim
  return {
    ...(rotated !== headDim && { partial_rotary_factor: (rotated + 0.5) / headDim }), // which is rounded down again
    sliding_window: read.number(key('attention.sliding_window')) || null,
  }
}
