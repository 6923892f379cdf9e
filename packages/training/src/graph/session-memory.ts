import type { SessionOptions } from '@weft/ort'

/**
 * Freed activations are kept for the next step, by all buckets together: fresh pages cost a tenth of a step. Weights are
 * read where they lie. Rearranged, they would be held three times (each direction reads them in its own way), and the
 * longer sums of those kernels move the logits of real weights beyond what counts as equal to PEFT's.
 */
export const sessionMemory: SessionOptions = { prepack: false, arena: 'shared', memoryPattern: false }
